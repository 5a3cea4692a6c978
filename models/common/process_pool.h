#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/common/child_process.h"

namespace lacuna {

/// Tasks in child processes, for engines of which a process can have only one: a child for each task. The
/// calling process must have no other threads. Children that still run when the pool goes are ended, with
/// all processes that they started.
class ProcessPool {
 public:
  /// How a child ended: its reply, and the signal that ended it (0 when it ended by itself). The reply is
  /// empty when the child had none to give.
  struct Reply {
    std::uint64_t task = 0;
    std::string bytes;
    int signal = 0;
  };
  using Sink = std::function<void(Reply)>;

  std::size_t running() const { return children_.size(); }

  /// Starts a child that sends what `work` returns; what `work` throws is lost. Throws Error when the system
  /// gives no pipe or no process.
  void start(std::uint64_t task, const ChildProcess::Work& work);

  /// Waits up to 50 ms for children to send or end; `sink` takes the replies of those that have ended.
  void receive(const Sink& sink);

 private:
  struct Child {
    std::unique_ptr<ChildProcess> process;
    std::uint64_t task = 0;
    std::string reply;
  };

  std::vector<Child> children_;
};

}  // namespace lacuna
