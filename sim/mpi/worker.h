#pragma once

namespace lacuna::mpi {

/// The hidden command by which lacuna-mpi starts itself, and the descriptor by which it then speaks to its
/// rank.
inline constexpr const char* worker_command = "worker";
inline constexpr int worker_descriptor = 3;

/// A process that runs points for one rank and has nothing to do with MPI: it may have threads, and may fork
/// for engines of which a process can have only one. It takes messages from the descriptor until its other
/// end is gone. Returns the exit code.
int run_worker();

}  // namespace lacuna::mpi
