#include "models/eie/systemc/processing_element.h"

#include <string>

namespace lacuna::eie::systemc {

ProcessingElement::ProcessingElement(const sc_core::sc_module_name& name, std::uint32_t index,
                                     PePipeline& the_pipeline)
    : sc_module(name),
      pipeline(the_pipeline),
      queue("Act_queue"),
      pointer_read("PtrRead"),
      spmat_read("SpmatRead"),
      arithmetic_unit("ArithmUnit"),
      activation_rw("ActRW", index),
      index_(index) {}

void ProcessingElement::reset(const RunContext& context) {
  activation_rw.reset(context);
  pipeline.reset(context, context.image->pes[index_], activation_rw);
}

void ProcessingElement::transfer(Phase phase) {
  if (phase == Phase::load) {
    ++pipeline.counts.cycles[CycleClass::batch_load];
    activation_rw.clock_load(events());
  } else {
    ++pipeline.counts.cycles[CycleClass::batch_store];
    activation_rw.clock_store(events());
  }
  pipeline.reset_causes();
}

PeResult ProcessingElement::result(std::uint64_t run_cycles, std::uint64_t drained_cycle) const {
  PeResult result = pipeline.counts;
  pipeline.queue.add_events_to(result.events);
  pipeline.pointer_read.add_events_to(result.events);
  pipeline.spmat_read.add_events_to(result.events);
  pipeline.arithmetic_unit.add_events_to(result.events);
  const std::uint64_t late_lookups = pipeline.pointer_read.lookup_cycles_from(run_cycles);
  result.cycles[CycleClass::pointer] -= late_lookups;
  result.cycles[CycleClass::drain] -= drained_cycle - run_cycles - late_lookups;
  return result;
}

void ProcessingElement::trace(sc_core::sc_trace_file* file) const {
  pipeline.queue.trace(file, queue.name());
  pipeline.pointer_read.trace(file, pointer_read.name());
  pipeline.spmat_read.trace(file, spmat_read.name());
  pipeline.arithmetic_unit.trace(file, arithmetic_unit.name());
  activation_rw.trace(file);
}

// Group
// ------------------------------------------------------------------------------------------------------------

PeGroup::PeGroup(const sc_core::sc_module_name& name, std::uint32_t first_pe, std::uint32_t pe_total,
                 const Parameters& parameters, Lines& lines)
    : sc_module(name), clock("clock"), lines_(lines) {
  pipelines_.reserve(pe_total);
  for (std::uint32_t pe = first_pe; pe < first_pe + pe_total; ++pe) {
    const std::string pe_name = "PE" + std::to_string(pe);
    PePipeline& pipeline = pipelines_.emplace_back(parameters, lines);
    pes.push_back(std::make_unique<ProcessingElement>(pe_name.c_str(), pe, pipeline));
  }
  SC_METHOD(on_clock);
  sensitive << clock.pos();
  dont_initialize();
}

void PeGroup::on_clock() {
  if (lines_.phase == Phase::compute) {
    for (PePipeline& pipeline : pipelines_) {
      pipeline.compute();
    }
  } else if (lines_.phase != Phase::idle) {
    for (const auto& pe : pes) {
      pe->transfer(lines_.phase);
    }
  }
}

}  // namespace lacuna::eie::systemc
