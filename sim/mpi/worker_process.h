#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <sys/types.h>

#include "sim/mpi/channel.h"

namespace lacuna::mpi {

/// The process that runs a rank's points. It is started by exec, never by a fork that goes on: a rank's
/// process holds what MPI has registered with the network, which a forked copy must not touch.
class WorkerProcess {
 public:
  /// Starts it; `start` is its first message. Throws Error when the system gives no process.
  explicit WorkerProcess(const std::string& start);
  /// Ends it, and all that it has started.
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  void send(const std::string& message) const;

  /// Waits up to `patience`; what the worker says next. When it has ended of itself or was killed: a failure
  /// that says so, once.
  std::optional<std::string> receive(std::chrono::milliseconds patience);

 private:
  std::string wait_for_end();

  pid_t process_ = -1;
  std::unique_ptr<Channel> channel_;
  bool failed_ = false;  ///< a failure has been received
};

}  // namespace lacuna::mpi
