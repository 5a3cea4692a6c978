#include "sim/cli/interrupt.h"

#include <csignal>

#include <unistd.h>

namespace lacuna::cli {
namespace {

constexpr int exit_interrupted = 130;

volatile std::sig_atomic_t interrupted = 0;

extern "C" void remember_interrupt(int /*signal*/) {
  if (interrupted != 0) {
    _exit(exit_interrupted);
  }
  interrupted = 1;
}

}  // namespace

void watch_for_interrupts() {
  struct sigaction action = {};
  action.sa_handler = remember_interrupt;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

void check_for_interrupt() {
  if (interrupted != 0) {
    throw Interrupted{};
  }
}

}  // namespace lacuna::cli
