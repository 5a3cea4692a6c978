#include "models/tomato/systemc/machine.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/tomato/systemc/source_sink.h"
#include "models/tomato/systemc/stream_fifo.h"
#include "models/tomato/systemc/unit_module.h"

namespace lacuna::tomato::systemc {
namespace {

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

Machine::Machine(const sc_core::sc_module_name& name, const Pipeline& of_machine,
                 const Parameters& parameters)
    : sc_module(name),
      pipeline(of_machine),
      analysis(analyse(pipeline, parameters)),
      clock("clock"),
      reset("reset"),
      pixels("pixels"),
      results("results"),
      wake_(pipeline.units.size(), never) {
  make_fifos();
  make_units();
  SC_METHOD(on_clock);
  sensitive << clock.pos();
  dont_initialize();
  SC_METHOD(take_request);
  sensitive << request_;
  dont_initialize();
}

Machine::~Machine() = default;

void Machine::make_fifos() {
  for (std::size_t i = 0; i < pipeline.edges.size(); ++i) {
    const Edge& edge = pipeline.edges[i];
    const std::string fifo_name = "fifo" + std::to_string(i);
    fifos_.push_back(std::make_unique<StreamFifo>(fifo_name.c_str(), edge.depth));
    fifos_.back()->connect(&wake_[edge.from], &wake_[edge.to]);
  }
}

void Machine::make_units() {
  for (std::size_t i = 0; i < pipeline.units.size(); ++i) {
    UnitWiring wiring;
    wiring.unit = &pipeline.units[i];
    wiring.plan = &analysis.units[i];
    wiring.pixels = &pixels;
    wiring.results = &results;
    for (const std::size_t edge : wiring.plan->inputs) {
      wiring.input_streams.push_back(&analysis.streams[edge]);
      wiring.inputs.push_back(fifos_[edge].get());
    }
    for (const std::size_t edge : wiring.plan->outputs) {
      wiring.output_streams.push_back(&analysis.streams[edge]);
      wiring.outputs.push_back(fifos_[edge].get());
    }
    units_.push_back(make_unit(module_name(i, wiring.unit->name).c_str(), wiring));
  }
  sink_ = dynamic_cast<const Sink*>(units_[analysis.sink].get());
}

// Runs
// ------------------------------------------------------------------------------------------------------------

void Machine::start(const RunInput& input) {
  if (running_) {
    throw ConfigurationError({}, fmt::format("{}: a run was started while another goes on", name()),
                             "one after the other; wait for done()");
  }
  check_input(pipeline, analysis, input);
  if (pixels.bind_count() > 0) {
    check_weights(pipeline);
    if (input.has_values()) {
      throw InputDataError({}, fmt::format("{}: pictures for a machine whose port 'pixels' is bound", name()),
                           "the number of frames alone");
    }
  }
  input_ = &input;
  running_ = true;
  request_.notify(sc_core::SC_ZERO_TIME);
}

void Machine::take_request() {
  starting_ = true;
  cycle_ = 0;
  for (std::size_t edge = 0; edge < fifos_.size(); ++edge) {
    const std::vector<std::size_t>& recorded = input_->recorded_edges;
    fifos_[edge]->record(input_->has_values() &&
                         std::find(recorded.begin(), recorded.end(), edge) != recorded.end());
    fifos_[edge]->reset();
  }
  intervals_.reset();
  if (input_->interval_cycles) {
    intervals_.emplace(*input_->interval_cycles);
  }
  for (const auto& unit : units_) {
    unit->reset(*input_);
    unit->count_intervals(intervals_ ? &*intervals_ : nullptr);
  }
  std::fill(wake_.begin(), wake_.end(), 0);
  frames_done_ = 0;
}

void Machine::on_clock() {
  if (!running_) {
    return;
  }
  if (reset.read()) {
    running_ = running_ && !stepping_;
    stepping_ = false;
    return;
  }
  stepping_ = stepping_ || starting_;
  starting_ = false;
  if (stepping_) {
    step_units();
  }
}

void Machine::step_units() {
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
  if (sink_->frames_done() != frames_done_) {
    frames_done_ = sink_->frames_done();
    frame_done_.notify(sc_core::SC_ZERO_TIME);
  }
  if (asleep) {
    stepping_ = false;
    running_ = false;
    done_.notify(sc_core::SC_ZERO_TIME);
  }
}

void Machine::check_intervals() const {
  if (intervals_) {
    intervals_->check();
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
  return find_deadlock(pipeline, analysis, waits, end);
}

std::vector<std::vector<std::int64_t>> Machine::recorded_frames(std::size_t edge) const {
  std::vector<std::vector<std::int64_t>> frames;
  const std::uint64_t tokens_per_frame = analysis.streams[edge].tokens_per_frame();
  const std::vector<Values>& tokens = fifos_[edge]->recorded();
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i % tokens_per_frame == 0) {
      frames.emplace_back();
    }
    frames.back().insert(frames.back().end(), tokens[i].begin(), tokens[i].end());
  }
  return frames;
}

RunResult Machine::result() const {
  dynamic_cast<const Source&>(*units_[analysis.source]).check_pixels();
  RunResult result;
  for (const auto& unit : units_) {
    result.cycles = std::max(result.cycles, unit->active_until());
  }
  if (!all_finished()) {
    result.deadlock = deadlock(result.cycles);
    return result;
  }
  for (const auto& unit : units_) {
    result.units.push_back(unit->result(result.cycles));
  }
  for (const auto& fifo : fifos_) {
    result.fifos.push_back(fifo->result(result.cycles));
  }
  if (intervals_) {
    result.intervals = intervals_;
    for (const auto& unit : units_) {
      unit->add_open_class(*result.intervals, result.cycles);
    }
    result.intervals->end_run(result.cycles);
  }
  sink_->report(result);
  for (const std::size_t edge : input_->recorded_edges) {
    result.recorded.push_back(recorded_frames(edge));
  }
  return result;
}

void Machine::trace(sc_core::sc_trace_file* file) const {
  sc_core::sc_trace(file, clock, clock.name());
  for (const auto& unit : units_) {
    unit->trace(file);
  }
  for (const auto& fifo : fifos_) {
    fifo->trace(file);
  }
}

}  // namespace lacuna::tomato::systemc
