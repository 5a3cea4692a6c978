#include "models/common/systemc/testbench.h"

#include <sysc/tracing/sc_tracing_ids.h>

#include "models/common/clock_period.h"
#include "models/common/error.h"

namespace lacuna {
namespace {

using sc_core::sc_report_handler;

bool claimed = false;

void take_claim() {
  if (claimed || sc_core::sc_start_of_simulation_invoked()) {
    throw ConfigurationError({}, "a second SystemC engine in one process",
                             "SystemC elaborates once, so that there is one engine per process; run others "
                             "in a process of their own");
  }
  claimed = true;
}

}  // namespace

sc_core::sc_time clock_period(double clock_mhz) {
  return {static_cast<double>(clock_period_ps(clock_mhz)), sc_core::SC_PS};
}

KernelClaim::KernelClaim() {
  take_claim();
  info_ = sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  warning_ = sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_THROW);
  // A run may be refused or interrupted before its first cycle; its wave file is dropped then.
  empty_wave_ =
      sc_report_handler::set_actions(sc_core::SC_ID_TRACING_CLOSE_EMPTY_FILE_, sc_core::SC_DO_NOTHING);
}

KernelClaim::~KernelClaim() {
  sc_report_handler::set_actions(sc_core::SC_INFO, info_);
  sc_report_handler::set_actions(sc_core::SC_WARNING, warning_);
  sc_report_handler::set_actions(sc_core::SC_ID_TRACING_CLOSE_EMPTY_FILE_, empty_wave_);
  claimed = false;
}

Testbench::Testbench(const sc_core::sc_module_name& name, double clock_mhz, FirstEdge first,
                     std::initializer_list<const sc_core::sc_event*> pauses, ClockShape shape)
    : sc_module(name),
      clock("clock", clock_period(clock_mhz),
            first == FirstEdge::rising ? clock_period(clock_mhz) / 2 : sc_core::SC_ZERO_TIME,
            first == FirstEdge::rising, shape),
      reset("reset") {
  SC_METHOD(pause);
  for (const sc_core::sc_event* event : pauses) {
    sensitive << *event;
  }
  dont_initialize();
}

}  // namespace lacuna
