#include "models/eie/systemc/processing_element.h"

#include <string>

namespace lacuna::eie::systemc {

ProcessingElement::ProcessingElement(const sc_core::sc_module_name& name, std::uint32_t index,
                                     const Parameters& parameters, Lines& lines)
    : sc_module(name),
      clock("clock"),
      queue("Act_queue", parameters.queue_depth_entries),
      pointer_read("PtrRead", parameters.pointer_prefetch),
      spmat_read("SpmatRead", parameters.entries_per_spmat_row()),
      arithmetic_unit("ArithmUnit", parameters),
      activation_rw("ActRW", index),
      index_(index),
      lines_(lines) {
  SC_METHOD(on_clock);
  sensitive << clock.pos();
  dont_initialize();
}

void ProcessingElement::reset(const RunContext& context) {
  const PeMemory& memory = context.image->pes[index_];
  queue.reset();
  pointer_read.reset(memory);
  spmat_read.reset(memory);
  arithmetic_unit.reset(*context.layer);
  activation_rw.reset(context);
  result_ = {};
  active_ = false;
}

void ProcessingElement::on_clock() {
  switch (lines_.phase) {
    case Phase::idle:
      return;
    case Phase::compute:
      compute();
      return;
    case Phase::load:
      count(CycleClass::batch_load);
      activation_rw.clock_load(result_.events);
      break;
    case Phase::store:
      count(CycleClass::batch_store);
      activation_rw.clock_store(result_.events);
      break;
  }
  queue.set_cause(CycleClass::starved);
  pointer_read.reset_cause();
}

void ProcessingElement::compute() {
  if (active_) {
    const bool hold = arithmetic_unit.hold();
    if (arithmetic_unit.writing()) {
      lines_.last_write_cycle = lines_.cycle;
      lines_.written = true;
    }
    arithmetic_unit.clock(hold, activation_rw, result_.events);
    if (hold) {
      count(CycleClass::hazard);
    } else {
      const bool was_full = queue.full();
      arithmetic_unit.accept(spmat_read.clock(result_.events));
      step_pointer_read();
      lines_.full_queues -= was_full && !queue.full() ? 1U : 0U;
    }
  } else {
    step_pointer_read();
  }
  take_broadcast();
  set_active(holds_entries());
}

void ProcessingElement::step_pointer_read() {
  count(pointer_read.clock(queue, spmat_read.input_register(), result_.events, lines_.cycle));
}

void ProcessingElement::take_broadcast() {
  queue.set_cause(lines_.cause);
  if (lines_.broadcast) {
    queue.push({lines_.column, lines_.value});
    ++result_.events[PeEvent::queue_pushes];
    lines_.full_queues += queue.full() ? 1U : 0U;
  }
}

bool ProcessingElement::holds_entries() const {
  return !queue.empty() || pointer_read.valid() || spmat_read.valid() || arithmetic_unit.holds_entries();
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
  const std::uint64_t late_lookups = pointer_read.lookup_cycles_from(run_cycles);
  result.cycles[CycleClass::pointer] -= late_lookups;
  result.cycles[CycleClass::drain] -= drained_cycle - run_cycles - late_lookups;
  return result;
}

void ProcessingElement::trace(sc_core::sc_trace_file* file) const {
  sc_core::sc_trace(file, queue.occupancy(), std::string(queue.name()) + ".occupancy");
  sc_core::sc_trace(file, pointer_read.valid_register(), std::string(pointer_read.name()) + ".valid");
  sc_core::sc_trace(file, spmat_read.input_register().valid, std::string(spmat_read.name()) + ".entry_valid");
  sc_core::sc_trace(file, spmat_read.input_register().number,
                    std::string(spmat_read.name()) + ".entry_number");
  sc_core::sc_trace(file, arithmetic_unit.write_enable(),
                    std::string(arithmetic_unit.name()) + ".write_enable");
  sc_core::sc_trace(file, arithmetic_unit.write_address(),
                    std::string(arithmetic_unit.name()) + ".write_address");
  sc_core::sc_trace(file, arithmetic_unit.write_data(), std::string(arithmetic_unit.name()) + ".write_data");
}

}  // namespace lacuna::eie::systemc
