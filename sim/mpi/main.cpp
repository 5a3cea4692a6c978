#include <string>
#include <vector>

#include <boost/mpi/collectives/gather.hpp>
#include <boost/mpi/communicator.hpp>
#include <boost/mpi/environment.hpp>

#include "sim/cli/long_work.h"
#include "sim/cli/program.h"
#include "sim/cli/sweep.h"
#include "sim/mpi/launcher.h"
#include "sim/mpi/mailbox.h"
#include "sim/mpi/rank_team.h"
#include "sim/mpi/worker.h"

namespace {

/// What rank 0 returns is what mpirun ends with.
int run_rank(int argc, char** argv) {
  const boost::mpi::communicator world;
  lacuna::mpi::Mailbox mailbox(world);
  std::vector<std::string> names;
  boost::mpi::gather(world, boost::mpi::environment::processor_name(), names, 0);
  if (world.rank() != 0) {
    lacuna::cli::watch_for_interrupts();
    lacuna::mpi::serve_rank(mailbox);
    return 0;
  }
  lacuna::mpi::RankTeam team(mailbox, names);
  const auto maker = [&team](const lacuna::cli::SweepRequest& request) { return team.crew(request); };
  const int code = lacuna::cli::run_program(
      argc, argv,
      {"lacuna-mpi", "Lacuna's sweeps on all ranks of an MPI job (mpirun -n 8 lacuna-mpi sweep ...)",
       [&maker](CLI::App& app) { lacuna::cli::add_sweep(app, maker); }});
  lacuna::mpi::leave_if_interrupted();
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == lacuna::mpi::worker_command) {
    return lacuna::mpi::run_worker();
  }
  const boost::mpi::environment environment(argc, argv, false);  // no abort by exceptions: see run_program
  return run_rank(argc, argv);
}
