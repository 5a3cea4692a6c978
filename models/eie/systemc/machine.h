#pragma once

#include <memory>
#include <string>
#include <systemc>
#include <vector>

#include "models/eie/engine.h"
#include "models/eie/systemc/central_control.h"
#include "models/eie/systemc/lines.h"
#include "models/eie/systemc/pe_group.h"
#include "models/eie/systemc/run_context.h"

namespace lacuna::eie::systemc {

/// The whole machine: clock, central control and processing elements (contract, section 4).
class Machine : public sc_core::sc_module {
 public:
  Machine(const sc_core::sc_module_name& name, const Parameters& parameters);

  /// Runs from reset to the drained machine.
  RunResult run(const RunContext& context);

  void observe(CycleObserver* observer) { control_.observe(observer); }
  void trace(sc_core::sc_trace_file* file) const override;

 private:
  static std::vector<std::unique_ptr<PeGroup>> make_groups(const Parameters& parameters, Lines& lines);
  std::vector<ProcessingElement*> all_pes() const;

  Lines lines_;
  sc_core::sc_clock clock_;
  std::vector<std::unique_ptr<PeGroup>> groups_;
  std::vector<ProcessingElement*> pes_;
  CentralControl control_;
};

}  // namespace lacuna::eie::systemc
