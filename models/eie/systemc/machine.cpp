#include "models/eie/systemc/machine.h"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/eie/systemc/central_control.h"
#include "models/eie/systemc/lines.h"
#include "models/eie/systemc/processing_element.h"
#include "models/eie/systemc/run_context.h"

namespace lacuna::eie::systemc {
namespace {

Parameters checked(const Parameters& parameters) {
  check_parameters(parameters);
  return parameters;
}

CycleClassCounts difference(const CycleClassCounts& later, const CycleClassCounts& earlier) {
  CycleClassCounts counts = later;
  for (std::size_t i = 0; i < counts.values.size(); ++i) {
    counts.values[i] -= earlier.values[i];
  }
  return counts;
}

}  // namespace

Machine::Machine(const sc_core::sc_module_name& name, const Parameters& of_machine)
    : sc_module(name),
      parameters(checked(of_machine)),
      clock("clock"),
      reset("reset"),
      lines_(std::make_unique<Lines>()),
      context_(std::make_unique<RunContext>()) {
  for (std::uint32_t first = 0; first < parameters.pe_count; first += PeGroup::size) {
    const std::string group_name = "group" + std::to_string(first / PeGroup::size);
    const std::uint32_t pes = std::min(PeGroup::size, parameters.pe_count - first);
    groups_.push_back(std::make_unique<PeGroup>(group_name.c_str(), first, pes, parameters, *lines_));
    groups_.back()->clock(clock);
    for (const auto& pe : groups_.back()->pes) {
      pes_.push_back(pe.get());
    }
  }
  control_ = std::make_unique<CentralControl>("CCU", parameters, *lines_, pes_);
  control_->clock(clock);
  control_->reset(reset);
}

Machine::~Machine() = default;

void Machine::prepare(const Layer& layer, const MemoryImage& image,
                      const std::vector<std::int32_t>& activations) {
  if (running()) {
    throw ConfigurationError({}, fmt::format("{}: a run was started while another goes on", name()),
                             "one after the other; wait for done()");
  }
  if (image.pes.size() != parameters.pe_count || activations.size() != layer.inputs()) {
    throw InputDataError({},
                         fmt::format("{}: an image for {} PEs and {} activations", name(), image.pes.size(),
                                     activations.size()),
                         fmt::format("{} PEs, {} activations", parameters.pe_count, layer.inputs()));
  }
  outputs_.assign(layer.outputs(), 0);
  context_->parameters = &parameters;
  context_->layer = &layer;
  context_->image = &image;
  context_->activations = &activations;
  context_->plan = plan_batches(parameters, LayerShape::of(layer));
  context_->outputs = &outputs_;
  if (intervals_ != nullptr) {
    const std::uint64_t period = intervals_->interval_cycles();
    control_->sample_classes(period - intervals_->cycles() % period, period, ClassIntervals::most_intervals);
  }
}

void Machine::start(const Layer& layer, const MemoryImage& image,
                    const std::vector<std::int32_t>& activations) {
  prepare(layer, image, activations);
  control_->request_run(*context_, CentralControl::Begin::next_edge);
}

void Machine::start_behind(const Layer& layer, const MemoryImage& image,
                           const std::vector<std::int32_t>& activations) {
  prepare(layer, image, activations);
  control_->request_run(*context_, control_->is_at_end_of_run() ? CentralControl::Begin::this_edge
                                                                : CentralControl::Begin::next_edge);
}

bool Machine::running() const {
  return control_->running();
}

const sc_core::sc_event& Machine::done() const {
  return control_->done();
}

RunResult Machine::result() const {
  RunResult result;
  result.cycles = control_->run_cycles();
  result.control = control_->events();
  for (const ProcessingElement* pe : pes_) {
    result.pes.push_back(pe->result(control_->run_cycles(), control_->drained_cycle()));
  }
  result.outputs = outputs_;
  return result;
}

void Machine::observe(CycleObserver* observer) {
  control_->observe(observer);
}

void Machine::count_intervals(ClassIntervals* intervals) {
  intervals_ = intervals;
  control_->sample_classes(0, std::nullopt, 0);
}

void Machine::take_intervals() {
  if (intervals_ == nullptr) {
    return;
  }
  // Samples before the run's end hold nothing that a result leaves out.
  const std::uint64_t period = intervals_->interval_cycles();
  const std::uint64_t cycles = control_->run_cycles();
  std::uint64_t first = 0;
  std::uint64_t end = period - intervals_->cycles() % period;
  CycleClassCounts before;
  for (const CycleClassCounts& sample : control_->class_samples()) {
    if (end >= cycles) {
      break;
    }
    intervals_->add(difference(sample, before), first);
    before = sample;
    first = end;
    end += period;
  }
  CycleClassCounts all;
  for (const ProcessingElement* pe : pes_) {
    all += pe->result(cycles, control_->drained_cycle()).cycles;
  }
  intervals_->add(difference(all, before), first);
  intervals_->end_run(cycles);
}

void Machine::trace(sc_core::sc_trace_file* file) const {
  sc_core::sc_trace(file, clock, clock.name());
  control_->trace(file);
  for (const ProcessingElement* pe : pes_) {
    pe->trace(file);
  }
}

}  // namespace lacuna::eie::systemc
