#include "sim/mpi/worker_process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "models/common/error.h"
#include "sim/mpi/messages.h"
#include "sim/mpi/worker.h"

namespace lacuna::mpi {
namespace {

/// Starts this program again as a worker that has `descriptor`; 0 or an errno.
int start_worker(int descriptor, pid_t& process) {
  std::string program = "lacuna-mpi";
  std::string command = worker_command;
  std::array<char*, 3> arguments = {program.data(), command.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, descriptor, worker_descriptor);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  const int failed = posix_spawn(&process, "/proc/self/exe", &actions, nullptr, arguments.data(), ::environ);
  posix_spawn_file_actions_destroy(&actions);
  return failed;
}

}  // namespace

WorkerProcess::WorkerProcess(const std::string& start) {
  std::array<int, 2> ends = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw Error({}, fmt::format("cannot start a worker: {}", std::strerror(errno)));
  }
  channel_ = std::make_unique<Channel>(ends[0]);
  const int failed = start_worker(ends[1], process_);
  ::close(ends[1]);
  if (failed != 0) {
    process_ = -1;
    throw Error({}, fmt::format("cannot start a worker: {}", std::strerror(failed)));
  }
  channel_->send(start);
}

/// A worker ends its own children when its rank hangs up; one that does not within a second is killed, and
/// they with it.
WorkerProcess::~WorkerProcess() {
  channel_.reset();
  constexpr int most_looks = 100;
  for (int look = 0; process_ > 0 && look < most_looks; ++look) {
    if (::waitpid(process_, nullptr, WNOHANG) != 0) {
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
}

void WorkerProcess::send(const std::string& message) const {
  channel_->send(message);  // if the worker is gone, `receive` says so
}

std::string WorkerProcess::wait_for_end() {
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  return WIFSIGNALED(status) ? fmt::format("its worker was ended by signal {}", WTERMSIG(status))
                             : std::string("its worker ended by itself");
}

std::optional<std::string> WorkerProcess::receive(std::chrono::milliseconds patience) {
  if (failed_) {
    std::this_thread::sleep_for(patience);
    return std::nullopt;
  }
  auto message = channel_->receive(patience);
  if (!message && channel_->is_at_end()) {
    message = encode_failure(Error({}, wait_for_end()));
  }
  failed_ = message && kind_of(*message) == Kind::failure;
  return message;
}

}  // namespace lacuna::mpi
