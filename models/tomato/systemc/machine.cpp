#include "models/tomato/systemc/machine.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "models/tomato/systemc/source_sink.h"
#include "models/tomato/systemc/window.h"

namespace lacuna::tomato::systemc {
namespace {

/// The clock's period, an even number of picoseconds so that both edges fall on the kernel's time grid.
sc_core::sc_time period(const Parameters& parameters) {
  return {2.0 * std::max(1.0, std::round(5e5 / parameters.clock_mhz)), sc_core::SC_PS};
}

/// A unit's name with nothing in it that SystemC or wave viewers stumble over.
std::string module_name(std::size_t position, const std::string& name) {
  std::string text = "u" + std::to_string(position) + "_";
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    text += plain ? c : '_';
  }
  return text;
}

}  // namespace

Machine::Machine(const sc_core::sc_module_name& name, const Pipeline& pipeline, const Analysis& analysis,
                 const Parameters& parameters)
    : sc_module(name),
      pipeline_(pipeline),
      analysis_(analysis),
      clock_("clock", period(parameters)),
      wake_(pipeline.units.size(), never) {
  make_fifos();
  make_units();
  SC_METHOD(on_clock);
  sensitive << clock_.posedge_event();
  dont_initialize();
}

void Machine::make_fifos() {
  for (std::size_t i = 0; i < pipeline_.edges.size(); ++i) {
    const Edge& edge = pipeline_.edges[i];
    const std::string name = "fifo" + std::to_string(i);
    fifos_.push_back(std::make_unique<StreamFifo>(name.c_str(), edge.depth));
    fifos_.back()->connect(&wake_[edge.from], &wake_[edge.to]);
  }
}

void Machine::make_units() {
  for (std::size_t i = 0; i < pipeline_.units.size(); ++i) {
    UnitWiring wiring;
    wiring.unit = &pipeline_.units[i];
    wiring.plan = &analysis_.units[i];
    for (const std::size_t edge : wiring.plan->inputs) {
      wiring.input_streams.push_back(&analysis_.streams[edge]);
      wiring.inputs.push_back(fifos_[edge].get());
    }
    for (const std::size_t edge : wiring.plan->outputs) {
      wiring.output_streams.push_back(&analysis_.streams[edge]);
      wiring.outputs.push_back(fifos_[edge].get());
    }
    units_.push_back(make_unit(module_name(i, wiring.unit->name).c_str(), wiring));
  }
  sink_ = dynamic_cast<const Sink*>(units_[analysis_.sink].get());
}

RunResult Machine::run(const RunInput& input) {
  cycle_ = 0;
  running_ = true;
  for (const auto& fifo : fifos_) {
    fifo->reset();
  }
  for (const auto& unit : units_) {
    unit->reset(input);
  }
  std::fill(wake_.begin(), wake_.end(), 0);
  frames_told_ = 0;
  tells_frames_ = static_cast<bool>(input.progress);
  sc_core::sc_start();
  while (running_) {
    // Outside of the simulation's processes, which let no exception of another type through.
    input.progress(frames_told_);
    sc_core::sc_start();
  }
  return result();
}

void Machine::on_clock() {
  if (!running_) {
    return;
  }
  // Who is awake is settled first: a FIFO may wake a unit for the next cycle before it is stepped in this
  // one.
  awake_.clear();
  for (std::size_t i = 0; i < units_.size(); ++i) {
    if (wake_[i] <= cycle_) {
      wake_[i] = never;
      awake_.push_back(i);
    }
  }
  for (const std::size_t i : awake_) {
    const Cycle next = units_[i]->step(cycle_);
    wake_[i] = std::min(wake_[i], next);
  }
  const bool asleep = std::all_of(wake_.begin(), wake_.end(), [](Cycle wake) { return wake == never; });
  ++cycle_;
  const bool frame_ended = tells_frames_ && sink_->frames_done() != frames_told_;
  frames_told_ = sink_->frames_done();
  running_ = !asleep;
  if (asleep || frame_ended) {
    sc_core::sc_pause();
  }
}

bool Machine::all_finished() const {
  return std::all_of(units_.begin(), units_.end(), [](const auto& unit) { return unit->finished(); });
}

Deadlock Machine::deadlock(Cycle end) const {
  std::vector<UnitWait> waits;
  for (const auto& unit : units_) {
    waits.push_back(unit->wait(cycle_));
  }
  return find_deadlock(pipeline_, analysis_, waits, end);
}

RunResult Machine::result() const {
  RunResult result;
  for (const auto& unit : units_) {
    result.cycles = std::max(result.cycles, unit->active_until());
  }
  if (!all_finished()) {
    result.deadlock = deadlock(result.cycles);
    return result;
  }
  for (const auto& unit : units_) {
    if (auto* window = dynamic_cast<Window*>(unit.get())) {
      window->finish_events(result.cycles);
    }
    result.units.push_back(unit->result(result.cycles));
  }
  for (const auto& fifo : fifos_) {
    result.fifos.push_back(fifo->result(result.cycles));
  }
  sink_->report(result);
  return result;
}

void Machine::trace(sc_core::sc_trace_file* file) const {
  sc_core::sc_trace(file, clock_, clock_.name());
  for (const auto& unit : units_) {
    unit->trace(file);
  }
  for (const auto& fifo : fifos_) {
    fifo->trace(file);
  }
}

}  // namespace lacuna::tomato::systemc
