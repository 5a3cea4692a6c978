#include "models/common/child_process.h"

#include <array>
#include <cerrno>
#include <csignal>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "models/common/error.h"

#ifdef LACUNA_COVERAGE
extern "C" void __gcov_dump();  // NOLINT(bugprone-reserved-identifier): gcov's name
#endif

namespace lacuna {
namespace {

enum class Outcome : std::uint8_t { result, configuration_error, input_error };

struct Header {
  Outcome outcome = Outcome::result;
  std::uint64_t size = 0;
};

void write_fully(int descriptor, const char* bytes, std::size_t left) {
  while (left > 0) {
    const ssize_t written = ::write(descriptor, bytes, left);
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      exit_child(1);
    }
    bytes += written;
    left -= static_cast<std::size_t>(written);
  }
}

bool read_fully(int descriptor, char* bytes, std::size_t left) {
  while (left > 0) {
    const ssize_t got = ::read(descriptor, bytes, left);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      return false;
    }
    bytes += got;
    left -= static_cast<std::size_t>(got);
  }
  return true;
}

void send(int descriptor, Outcome outcome, const std::string& bytes) {
  Header header;
  header.outcome = outcome;
  header.size = bytes.size();
  write_fully(descriptor, reinterpret_cast<const char*>(&header), sizeof header);
  write_fully(descriptor, bytes.data(), bytes.size());
}

/// The child ends with its parent, and by signals at once: what there is to say, the parent says.
void follow(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) {
    exit_child(1);
  }
  for (const int signal : {SIGINT, SIGTERM, SIGALRM}) {
    std::signal(signal, SIG_DFL);
  }
}

[[noreturn]] void work_in_child(int descriptor, const std::function<std::string()>& work) {
  try {
    send(descriptor, Outcome::result, work());
  } catch (const InputDataError& error) {
    send(descriptor, Outcome::input_error, error.what());
  } catch (const std::exception& error) {
    send(descriptor, Outcome::configuration_error, error.what());
  }
  exit_child(0);
}

std::string receive(pid_t child, int descriptor) {
  Header header;
  std::string bytes;
  bool complete = read_fully(descriptor, reinterpret_cast<char*>(&header), sizeof header);
  if (complete) {
    bytes.resize(header.size);
    complete = read_fully(descriptor, bytes.data(), bytes.size());
  }
  ::close(descriptor);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!complete) {
    throw Error({}, WIFSIGNALED(status)
                        ? "the engine's process was ended by signal " + std::to_string(WTERMSIG(status))
                        : std::string("the engine's process ended without a result"));
  }
  if (header.outcome == Outcome::configuration_error) {
    throw ConfigurationError({}, bytes);
  }
  if (header.outcome == Outcome::input_error) {
    throw InputDataError({}, bytes);
  }
  return bytes;
}

}  // namespace

void exit_child(int code) {
#ifdef LACUNA_COVERAGE
  __gcov_dump();
#endif
  ::_exit(code);
}

std::string call_in_child(const std::function<std::string()>& work) {
  std::array<int, 2> ends = {-1, -1};
  const pid_t parent = ::getpid();
  const pid_t child = ::pipe(ends.data()) == 0 ? ::fork() : -1;
  if (child < 0) {
    const int reason = errno;
    ::close(ends[0]);
    ::close(ends[1]);
    throw Error({}, std::string("cannot start a process: ") + std::strerror(reason));
  }
  if (child == 0) {
    follow(parent);
    ::close(ends[0]);
    work_in_child(ends[1], work);
  }
  ::close(ends[1]);
  return receive(child, ends[0]);
}

}  // namespace lacuna
