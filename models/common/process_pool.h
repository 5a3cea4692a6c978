#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace lacuna {

/// Tasks in child processes, for engines of which a process can have only one: a fork for each task, whose
/// reply comes back through a pipe. The calling process must have no other threads. Children that still run
/// when the pool goes are ended, with all processes that they started.
class ProcessPool {
 public:
  /// How a child ended: its reply, and the signal that ended it (0 when it ended by itself).
  struct Reply {
    std::uint64_t task = 0;
    std::string bytes;
    int signal = 0;
  };
  using Work = std::function<std::string()>;
  using Sink = std::function<void(Reply)>;

  ProcessPool() = default;
  ~ProcessPool();
  ProcessPool(const ProcessPool&) = delete;
  ProcessPool& operator=(const ProcessPool&) = delete;

  std::size_t running() const { return children_.size(); }

  /// Starts a child that sends what `work` returns; `work` must not throw. Throws Error when the system
  /// gives no pipe or no process.
  void start(std::uint64_t task, const Work& work);

  /// Waits up to 50 ms for children to send or end; `sink` takes the replies of those that have ended.
  void receive(const Sink& sink);

 private:
  struct Child {
    pid_t process = -1;
    int descriptor = -1;
    std::uint64_t task = 0;
    std::string reply;
  };

  static bool read_some(Child& child);

  std::vector<Child> children_;
};

}  // namespace lacuna
