#pragma once

#include <cstdint>
#include <memory>
#include <systemc>
#include <vector>

#include "models/eie/engine.h"
#include "models/eie/systemc/activation_queue.h"
#include "models/eie/systemc/activation_rw.h"
#include "models/eie/systemc/arithmetic_unit.h"
#include "models/eie/systemc/lines.h"
#include "models/eie/systemc/pointer_read.h"
#include "models/eie/systemc/run_context.h"
#include "models/eie/systemc/spmat_read.h"

namespace lacuna::eie::systemc {

/// One processing element: its units as submodules, which it steps from the last to the first, so that each
/// reads its predecessor's register as it was during the cycle.
class ProcessingElement : public sc_core::sc_module {
 public:
  ProcessingElement(const sc_core::sc_module_name& name, std::uint32_t index, const Parameters& parameters,
                    Lines& lines);

  ActivationQueue queue;
  PointerRead pointer_read;
  SpmatRead spmat_read;
  ArithmeticUnit arithmetic_unit;
  ActivationRw activation_rw;

  void reset(const RunContext& context);

  /// The rising edge that ends a cycle of a compute phase, or of a load or store; called by the group's
  /// clocked process.
  void compute();
  void transfer(Phase phase);

  /// Counters of the run, without the cycles in which columns were still being looked up after its end.
  PeResult result(std::uint64_t run_cycles, std::uint64_t drained_cycle) const;

  /// Cycles so far, those behind the run's end among them.
  const CycleClassCounts& cycle_classes() const { return result_.cycles; }

  /// Last cycle of the run with an entry in stage 4; 0 if there was none.
  std::uint64_t last_write_cycle() const { return last_write_cycle_; }

  PeEventCounts& events() { return result_.events; }

  /// Adds this PE's state to a wave file under its hierarchical name.
  void trace(sc_core::sc_trace_file* file) const override;

 private:
  void step_pointer_read();
  void take_broadcast();
  void count(CycleClass cycle_class) { ++result_.cycles[cycle_class]; }
  bool holds_entries() const;
  void set_active(bool active);

  alignas(64) Lines& lines_;
  bool active_ = false;
  const std::uint32_t index_;
  std::uint64_t last_write_cycle_ = 0;
  PeResult result_;
};

/// Neighbouring processing elements (the leaves of one LNZD node of the second level) and the one clocked
/// process that steps them: with a process for each PE, or each unit, the kernel's scheduling would cost more
/// than the units.
class PeGroup : public sc_core::sc_module {
 public:
  static constexpr std::uint32_t size = 16;

  SC_HAS_PROCESS(PeGroup);
  PeGroup(const sc_core::sc_module_name& name, std::uint32_t first_pe, std::uint32_t pe_total,
          const Parameters& parameters, Lines& lines);

  sc_core::sc_in<bool> clock;
  std::vector<std::unique_ptr<ProcessingElement>> pes;

 private:
  void on_clock();

  const Lines& lines_;
};

}  // namespace lacuna::eie::systemc
