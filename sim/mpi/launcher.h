#pragma once

#include <sys/types.h>

namespace lacuna::mpi {

/// The process that started this rank: mpirun, or its daemon on this machine. Open MPI's ranks go on when it
/// is killed, with nobody to end them.
class Launcher {
 public:
  Launcher();

  /// Once it is gone: as if this process had got SIGTERM.
  void interrupt_if_gone() const;

 private:
  pid_t process_;
};

/// Ends this process when it has been interrupted, without MPI's farewell, in which all ranks would have to
/// take part: whoever sends signals to ranks ends them all, as mpirun does when one of them has ended so.
void leave_if_interrupted();

}  // namespace lacuna::mpi
