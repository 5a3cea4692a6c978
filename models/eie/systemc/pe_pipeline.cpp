#include "models/eie/systemc/pe_pipeline.h"

namespace lacuna::eie::systemc {

PePipeline::PePipeline(const Parameters& parameters, Lines& lines)
    : queue(parameters.queue_depth_entries, lines),
      pointer_read(parameters.pointer_prefetch),
      spmat_read(parameters.entries_per_spmat_row()),
      arithmetic_unit(parameters),
      lines_(lines) {}

void PePipeline::reset(const RunContext& context, const PeMemory& memory, ActivationRw& activation_rw) {
  queue.reset();
  pointer_read.reset(memory);
  spmat_read.reset(memory);
  arithmetic_unit.reset(*context.layer, activation_rw.destination_registers(),
                        activation_rw.scratch_register());
  counts = {};
  active_ = false;
  last_write_cycle_ = 0;
}

void PePipeline::reset_causes() {
  queue.set_cause(CycleClass::starved);
  pointer_read.reset_cause();
}

void PePipeline::compute() {
  if (!active_ && !lines_.broadcast) {  // nothing moves but the bubble's cause
    step_pointer_read();
    queue.set_cause(lines_.cause);
    return;
  }
  last_write_cycle_ = arithmetic_unit.writing() ? lines_.cycle : last_write_cycle_;
  const bool hold = arithmetic_unit.hold();
  arithmetic_unit.clock(hold, counts.events);
  if (hold) {
    count(CycleClass::hazard);
  } else {
    if (spmat_read.valid()) {
      spmat_read.clock(arithmetic_unit.input_register());
      arithmetic_unit.accept();
    }
    step_pointer_read();
  }
  take_broadcast();
  set_active(holds_entries());
}

void PePipeline::step_pointer_read() {
  count(pointer_read.clock(queue, spmat_read.input_register(), lines_.cycle));
}

void PePipeline::take_broadcast() {
  queue.set_cause(lines_.cause);
  if (lines_.broadcast) {
    queue.push({lines_.column, lines_.value});
  }
}

bool PePipeline::holds_entries() const {
  const auto bit = [](bool flag) { return flag ? 1U : 0U; };  // no short cuts: cheaper than four guesses
  return (bit(!queue.empty()) | bit(pointer_read.valid()) | bit(spmat_read.valid()) |
          bit(arithmetic_unit.holds_entries())) != 0;
}

void PePipeline::set_active(bool active) {
  if (active != active_) {
    lines_.active_pes += active ? 1U : 0U;
    lines_.active_pes -= active ? 0U : 1U;
    active_ = active;
  }
}

}  // namespace lacuna::eie::systemc
