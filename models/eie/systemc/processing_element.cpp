#include "models/eie/systemc/processing_element.h"

#include <string>

namespace lacuna::eie::systemc {

ProcessingElement::ProcessingElement(const sc_core::sc_module_name& name, std::uint32_t index,
                                     const Parameters& parameters, Lines& lines)
    : sc_module(name),
      queue("Act_queue", parameters.queue_depth_entries, lines),
      pointer_read("PtrRead", parameters.pointer_prefetch),
      spmat_read("SpmatRead", parameters.entries_per_spmat_row()),
      arithmetic_unit("ArithmUnit", parameters),
      activation_rw("ActRW", index),
      lines_(lines),
      index_(index) {}

void ProcessingElement::reset(const RunContext& context) {
  const PeMemory& memory = context.image->pes[index_];
  queue.reset();
  pointer_read.reset(memory);
  spmat_read.reset(memory);
  activation_rw.reset(context);
  arithmetic_unit.reset(*context.layer, activation_rw.destination_registers(),
                        activation_rw.scratch_register());
  result_ = {};
  active_ = false;
  last_write_cycle_ = 0;
}

void ProcessingElement::transfer(Phase phase) {
  if (phase == Phase::load) {
    count(CycleClass::batch_load);
    activation_rw.clock_load(result_.events);
  } else {
    count(CycleClass::batch_store);
    activation_rw.clock_store(result_.events);
  }
  queue.set_cause(CycleClass::starved);
  pointer_read.reset_cause();
}

void ProcessingElement::compute() {
  if (!active_ && !lines_.broadcast) {  // nothing moves but the bubble's cause
    step_pointer_read();
    queue.set_cause(lines_.cause);
    return;
  }
  last_write_cycle_ = arithmetic_unit.writing() ? lines_.cycle : last_write_cycle_;
  const bool hold = arithmetic_unit.hold();
  arithmetic_unit.clock(hold, result_.events);
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

void ProcessingElement::step_pointer_read() {
  count(pointer_read.clock(queue, spmat_read.input_register(), lines_.cycle));
}

void ProcessingElement::take_broadcast() {
  queue.set_cause(lines_.cause);
  if (lines_.broadcast) {
    queue.push({lines_.column, lines_.value});
  }
}

bool ProcessingElement::holds_entries() const {
  const auto bit = [](bool flag) { return flag ? 1U : 0U; };  // no short cuts: cheaper than four guesses
  return (bit(!queue.empty()) | bit(pointer_read.valid()) | bit(spmat_read.valid()) |
          bit(arithmetic_unit.holds_entries())) != 0;
}

void ProcessingElement::set_active(bool active) {
  if (active != active_) {
    lines_.active_pes += active ? 1U : 0U;
    lines_.active_pes -= active ? 0U : 1U;
    active_ = active;
  }
}

PeResult ProcessingElement::result(std::uint64_t run_cycles, std::uint64_t drained_cycle) const {
  PeResult result = result_;
  queue.add_events_to(result.events);
  pointer_read.add_events_to(result.events);
  spmat_read.add_events_to(result.events);
  arithmetic_unit.add_events_to(result.events);
  const std::uint64_t late_lookups = pointer_read.lookup_cycles_from(run_cycles);
  result.cycles[CycleClass::pointer] -= late_lookups;
  result.cycles[CycleClass::drain] -= drained_cycle - run_cycles - late_lookups;
  return result;
}

void ProcessingElement::trace(sc_core::sc_trace_file* file) const {
  queue.trace(file);
  pointer_read.trace(file);
  spmat_read.trace(file);
  arithmetic_unit.trace(file);
  activation_rw.trace(file);
}

// Group
// ------------------------------------------------------------------------------------------------------------

PeGroup::PeGroup(const sc_core::sc_module_name& name, std::uint32_t first_pe, std::uint32_t pe_total,
                 const Parameters& parameters, Lines& lines)
    : sc_module(name), clock("clock"), lines_(lines) {
  for (std::uint32_t pe = first_pe; pe < first_pe + pe_total; ++pe) {
    const std::string pe_name = "PE" + std::to_string(pe);
    pes.push_back(std::make_unique<ProcessingElement>(pe_name.c_str(), pe, parameters, lines));
  }
  SC_METHOD(on_clock);
  sensitive << clock.pos();
  dont_initialize();
}

void PeGroup::on_clock() {
  if (lines_.phase == Phase::compute) {
    for (const auto& pe : pes) {
      pe->compute();
    }
  } else if (lines_.phase != Phase::idle) {
    for (const auto& pe : pes) {
      pe->transfer(lines_.phase);
    }
  }
}

}  // namespace lacuna::eie::systemc
