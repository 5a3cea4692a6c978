#include "models/common/child_process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <new>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "models/common/error.h"

#ifdef LACUNA_COVERAGE
extern "C" void __gcov_dump();  // NOLINT(bugprone-reserved-identifier): gcov's name
#endif

namespace lacuna {
namespace {

/// First byte of what `call_in_child` gets; the rest is the result or the message.
enum class Outcome : char { result, configuration_error, input_error, no_memory, other_error };

/// A child that does not end by itself leads a process group, so that what it starts (a compiler, say) can
/// be ended with it.
void follow(pid_t parent, ChildSignals signals) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) {
    exit_child(1);
  }
  if (signals == ChildSignals::left_to_parent) {
    ::setpgid(0, 0);
  }
  std::signal(SIGINT, signals == ChildSignals::left_to_parent ? SIG_IGN : SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  std::signal(SIGALRM, SIG_DFL);
}

bool write_fully(int descriptor, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t written = ::write(descriptor, bytes.data() + sent, bytes.size() - sent);
    if (written <= 0 && errno != EINTR) {
      return false;
    }
    sent += written > 0 ? static_cast<std::size_t>(written) : 0;
  }
  return true;
}

/// Nothing that is thrown may leave the child: it would go on as a second parent.
[[noreturn]] void work_in_child(int descriptor, const ChildProcess::Work& work) {
  try {
    exit_child(write_fully(descriptor, work()) ? 0 : 1);
  } catch (...) {
    exit_child(1);
  }
}

std::string tagged(Outcome outcome, const std::string& rest) {
  return static_cast<char>(outcome) + rest;
}

std::string reply_of(const std::function<std::string()>& work) {
  try {
    std::string bytes = work();
    bytes.insert(bytes.begin(), static_cast<char>(Outcome::result));
    return bytes;
  } catch (const ConfigurationError& error) {
    return tagged(Outcome::configuration_error, error.what());
  } catch (const InputDataError& error) {
    return tagged(Outcome::input_error, error.what());
  } catch (const std::bad_alloc&) {
    return tagged(Outcome::no_memory, {});
  } catch (const std::exception& error) {
    return tagged(Outcome::other_error, error.what());
  } catch (...) {
    return tagged(Outcome::other_error, "the engine's process ended by an exception of an unknown kind");
  }
}

std::string result_of(std::string&& reply) {
  const auto outcome = static_cast<Outcome>(reply.front());
  reply.erase(0, 1);
  switch (outcome) {
    case Outcome::result:
      return std::move(reply);
    case Outcome::configuration_error:
      throw ConfigurationError({}, reply);
    case Outcome::input_error:
      throw InputDataError({}, reply);
    case Outcome::no_memory:
      throw std::bad_alloc();
    case Outcome::other_error:
      break;
  }
  throw Error({}, reply);
}

}  // namespace

ChildProcess::ChildProcess(ChildSignals signals, const Work& work) {
  std::array<int, 2> ends = {-1, -1};
  const pid_t parent = ::getpid();
  process_ = ::pipe2(ends.data(), O_CLOEXEC) == 0 ? ::fork() : -1;
  if (process_ < 0) {
    const int reason = errno;
    ::close(ends[0]);
    ::close(ends[1]);
    throw Error({}, std::string("cannot start a process: ") + std::strerror(reason));
  }
  if (process_ == 0) {
    follow(parent, signals);
    ::close(ends[0]);
    work_in_child(ends[1], work);
  }
  ::close(ends[1]);
  descriptor_ = ends[0];
  running_ = true;
}

ChildProcess::~ChildProcess() {
  if (running_) {
    ::kill(-process_, SIGKILL);  // its group, where it leads one
    ::kill(process_, SIGKILL);
    wait();
  }
  ::close(descriptor_);
}

bool ChildProcess::read_some(std::string& reply) {
  std::array<char, 65536> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): is read into
  const ssize_t got = ::read(descriptor_, buffer.data(), buffer.size());
  if (got > 0) {
    reply.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return got > 0 || (got < 0 && errno == EINTR);
}

ChildProcess::End ChildProcess::wait() {
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  running_ = false;
  return {WIFSIGNALED(status) ? WTERMSIG(status) : 0, WIFEXITED(status) && WEXITSTATUS(status) == 0};
}

std::string call_in_child(const std::function<std::string()>& work) {
  ChildProcess child(ChildSignals::end_it, [&work] { return reply_of(work); });
  std::string reply;
  while (child.read_some(reply)) {
  }
  const ChildProcess::End end = child.wait();
  if (end.signal != 0) {
    throw Error({}, "the engine's process was ended by signal " + std::to_string(end.signal));
  }
  if (!end.complete || reply.empty()) {
    throw Error({}, "the engine's process ended without a result");
  }
  return result_of(std::move(reply));
}

void exit_child(int code) {
#ifdef LACUNA_COVERAGE
  __gcov_dump();
#endif
  ::_exit(code);
}

}  // namespace lacuna
