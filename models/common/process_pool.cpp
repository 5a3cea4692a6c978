#include "models/common/process_pool.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "models/common/child_process.h"
#include "models/common/error.h"

namespace lacuna {
namespace {

/// A child does not outlive its parent and leaves the keyboard's interrupts to it; it leads a process group,
/// so that what it starts (a compiler, say) can be ended with it.
void detach(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    exit_child(1);
  }
  setpgid(0, 0);
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_DFL);
  std::signal(SIGALRM, SIG_DFL);
}

void send(int descriptor, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t written = write(descriptor, bytes.data() + sent, bytes.size() - sent);
    if (written < 0 && errno != EINTR) {
      exit_child(1);
    }
    sent += written > 0 ? static_cast<std::size_t>(written) : 0;
  }
}

int wait_for(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

ProcessPool::~ProcessPool() {
  for (const Child& child : children_) {
    kill(-child.process, SIGKILL);
    kill(child.process, SIGKILL);  // in case it leads no group yet
    close(child.descriptor);
    wait_for(child.process);
  }
}

void ProcessPool::start(std::uint64_t task, const Work& work) {
  int ends[2] = {-1, -1};
  const pid_t parent = getpid();
  const pid_t process = pipe(ends) == 0 ? fork() : -1;
  if (process < 0) {
    const int reason = errno;
    close(ends[0]);
    close(ends[1]);
    throw Error({}, fmt::format("cannot start a process: {}", std::strerror(reason)));
  }
  if (process == 0) {
    detach(parent);
    send(ends[1], work());
    exit_child(0);
  }
  close(ends[1]);
  children_.push_back({process, ends[0], task, {}});
}

void ProcessPool::receive(const Sink& sink) {
  constexpr int patience_ms = 50;
  std::vector<pollfd> polled;
  for (const Child& child : children_) {
    polled.push_back({child.descriptor, POLLIN, 0});
  }
  if (polled.empty() || poll(polled.data(), polled.size(), patience_ms) <= 0) {
    return;
  }
  for (std::size_t i = polled.size(); i-- > 0;) {
    if (polled[i].revents != 0 && !read_some(children_[i])) {
      Child child = std::move(children_[i]);
      children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(i));
      close(child.descriptor);
      const int status = wait_for(child.process);
      sink({child.task, std::move(child.reply), WIFSIGNALED(status) ? WTERMSIG(status) : 0});
    }
  }
}

/// False at the end.
bool ProcessPool::read_some(Child& child) {
  char buffer[16384];
  const ssize_t got = read(child.descriptor, buffer, sizeof(buffer));
  if (got > 0) {
    child.reply.append(buffer, static_cast<std::size_t>(got));
  }
  return got > 0 || (got < 0 && errno == EINTR);
}

}  // namespace lacuna
