#include "tests/models/platform/platform.h"

#include <utility>

#include "models/common/child_process.h"

namespace lacuna::test {

Processor::Processor(const sc_core::sc_module_name& name, std::function<void()> program)
    : sc_module(name), program_(std::move(program)) {
  SC_THREAD(run);
}

void wait_cycles(const Wires& wires, int cycles) {
  for (int i = 0; i < cycles; ++i) {
    sc_core::wait(wires.clock.posedge_event());
  }
}

std::string in_platform(const std::function<std::string()>& build_and_run) {
  return call_in_child(build_and_run);
}

std::string simulate() {
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  sc_core::sc_start(1e7 * clock_period);
  return sc_core::sc_get_status() == sc_core::SC_STOPPED ? "" : "the processors never come to their end\n";
}

}  // namespace lacuna::test
