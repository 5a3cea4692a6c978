#include "sim/mpi/launcher.h"

#include <chrono>
#include <csignal>
#include <iostream>
#include <thread>

#include <unistd.h>

#include "models/common/child_process.h"
#include "sim/cli/long_work.h"

namespace lacuna::mpi {

Launcher::Launcher() : process_(::getppid()) {}

void Launcher::interrupt_if_gone() const {
  if (::getppid() != process_ && !cli::was_interrupted()) {
    std::raise(SIGTERM);
  }
}

void leave_if_interrupted() {
  if (cli::was_interrupted()) {
    std::cout.flush();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));  // mpirun drops what it has not read by then
    exit_child(cli::interrupted_exit_code);
  }
}

}  // namespace lacuna::mpi
