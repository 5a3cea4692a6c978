#pragma once

#include <cstdint>

#include "models/eie/engine.h"
#include "models/eie/systemc/activation_queue.h"
#include "models/eie/systemc/activation_rw.h"
#include "models/eie/systemc/arithmetic_unit.h"
#include "models/eie/systemc/lines.h"
#include "models/eie/systemc/pointer_read.h"
#include "models/eie/systemc/run_context.h"
#include "models/eie/systemc/spmat_read.h"

namespace lacuna::eie::systemc {

/// The units of one processing element that work in every cycle of a compute phase, stepped from the last to
/// the first, so that each reads its predecessor's register as it was during the cycle.
///
/// They are no modules: those of a group lie side by side in the memory of the computer that simulates, where
/// large machines spend a third of their time waiting for it. The modules of ProcessingElement name them.
class PePipeline {
 public:
  PePipeline(const Parameters& parameters, Lines& lines);

  ActivationQueue queue;
  PointerRead pointer_read;
  SpmatRead spmat_read;
  ArithmeticUnit arithmetic_unit;
  PeResult counts;

  void reset(const RunContext& context, const PeMemory& memory, ActivationRw& activation_rw);

  /// The rising edge that ends a cycle of a compute phase.
  void compute();
  void reset_causes();

  /// Last cycle of the run with an entry in stage 4; 0 if there was none.
  std::uint64_t last_write_cycle() const { return last_write_cycle_; }

 private:
  void step_pointer_read();
  void take_broadcast();
  void count(CycleClass cycle_class) { ++counts.cycles[cycle_class]; }
  bool holds_entries() const;
  void set_active(bool active);

  Lines& lines_;
  bool active_ = false;
  std::uint64_t last_write_cycle_ = 0;
};

}  // namespace lacuna::eie::systemc
