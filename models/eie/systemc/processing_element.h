#pragma once

#include <cstdint>
#include <systemc>

#include "models/eie/engine.h"
#include "models/eie/systemc/activation_queue.h"
#include "models/eie/systemc/activation_rw.h"
#include "models/eie/systemc/arithmetic_unit.h"
#include "models/eie/systemc/lines.h"
#include "models/eie/systemc/pointer_read.h"
#include "models/eie/systemc/run_context.h"
#include "models/eie/systemc/spmat_read.h"

namespace lacuna::eie::systemc {

/// One processing element: its units as submodules, and the one clocked process that steps them. The units
/// are stepped from the last to the first, so that each reads its predecessor's register as it was during the
/// cycle; one process per PE instead of one per unit keeps the kernel's scheduling from costing more than the
/// units.
class ProcessingElement : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(ProcessingElement);
  ProcessingElement(const sc_core::sc_module_name& name, std::uint32_t index, const Parameters& parameters,
                    Lines& lines);

  sc_core::sc_in<bool> clock;

  ActivationQueue queue;
  PointerRead pointer_read;
  SpmatRead spmat_read;
  ArithmeticUnit arithmetic_unit;
  ActivationRw activation_rw;

  void reset(const RunContext& context);

  /// Counters of the run, without the cycles in which columns were still being looked up after its end.
  PeResult result(std::uint64_t run_cycles, std::uint64_t drained_cycle) const;

  PeEventCounts& events() { return result_.events; }

  /// Adds this PE's state to a wave file under its hierarchical name.
  void trace(sc_core::sc_trace_file* file) const;

 private:
  void on_clock();
  void compute();
  void step_pointer_read();
  void take_broadcast();
  void count(CycleClass cycle_class) { ++result_.cycles[cycle_class]; }
  bool holds_entries() const;
  void set_active(bool active);

  const std::uint32_t index_;
  Lines& lines_;
  PeResult result_;
  bool active_ = false;
};

}  // namespace lacuna::eie::systemc
