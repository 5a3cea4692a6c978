#include "models/common/systemc/elaboration.h"

#include <systemc>

#include <sysc/tracing/sc_tracing_ids.h>

#include "models/common/error.h"

namespace lacuna {

void begin_elaboration() {
  static bool elaborated = false;
  if (elaborated) {
    throw ConfigurationError(
        {}, "a second machine in one process",
        "SystemC elaborates one machine per process; run others in a process of their own");
  }
  elaborated = true;
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_THROW);
  // A run may be refused or interrupted before its first cycle; its wave file is dropped then.
  sc_core::sc_report_handler::set_actions(sc_core::SC_ID_TRACING_CLOSE_EMPTY_FILE_, sc_core::SC_DO_NOTHING);
}

}  // namespace lacuna
