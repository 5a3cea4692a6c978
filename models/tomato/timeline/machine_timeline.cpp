#include "models/tomato/timeline/machine_timeline.h"

#include <algorithm>
#include <utility>

#include "models/tomato/timeline/issue_timeline.h"
#include "models/tomato/timeline/window_timeline.h"
#include "models/tomato/unit_traits.h"

namespace lacuna::tomato::timeline {
namespace {

IssueConstants issue_constants(const Pipeline& pipeline, const Analysis& analysis, std::size_t position,
                               std::uint32_t frames, const std::vector<FrameGates>& gates) {
  const Unit& unit = pipeline.units[position];
  const UnitPlan& plan = analysis.units[position];
  IssueConstants constants;
  constants.tokens_per_frame = plan.tokens_per_frame;
  constants.tokens = plan.tokens_per_frame * frames;
  constants.collects_frame = traits(unit.kind).collects_frame;
  constants.pipe_stages = plan.latency_cycles;
  constants.buffer_tokens = unit.kind == UnitKind::link ? unit.link.buffer_tokens : 0;
  constants.is_gate.assign(plan.inputs.size(), false);
  for (const auto& gate : {plan.output_gate_input, plan.input_gate_input}) {
    if (gate) {
      constants.is_gate[*gate] = true;
    }
  }
  const bool gated = plan.output_gate_input || plan.input_gate_input;
  for (const FrameGates& frame : gates) {
    constants.issue_cycles.push_back(
        issue_cycles(pipeline, analysis, position, unit_gates(pipeline, analysis, position, frame)));
    if (!gated) {
      break;
    }
  }
  return constants;
}

/// Units that are to be looked at, by their place in the order of the streams: taken in that order, again and
/// again from the start. Where a token goes down the pipeline, a unit so is looked at when its input is there
/// and its output has been emptied, and does not stand in a queue for each of the two.
class Sweep {
 public:
  explicit Sweep(std::size_t places) : words_(places / word_bits + 1) {
    for (std::size_t place = 0; place < places; ++place) {
      add(place);
    }
  }

  void add(std::size_t place) { words_[place / word_bits] |= std::uint64_t{1} << (place % word_bits); }
  void add_all(const std::vector<std::size_t>& places) {
    for (const std::size_t place : places) {
      add(place);
    }
  }
  /// The next place; nothing where none is left.
  std::optional<std::size_t> take() {
    for (std::size_t looked = 0; looked <= words_.size(); ++looked) {
      if (const std::uint64_t found = words_[word_] & ahead_; found != 0) {
        const std::size_t bit = lowest_bit(found);
        words_[word_] ^= std::uint64_t{1} << bit;
        ahead_ = all << bit << 1U;
        return word_ * word_bits + bit;
      }
      ahead_ = all;
      word_ = word_ + 1 == words_.size() ? 0 : word_ + 1;
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t word_bits = 64;
  static constexpr std::uint64_t all = ~std::uint64_t{0};

  static std::size_t lowest_bit(std::uint64_t word) {
    return static_cast<std::size_t>(__builtin_ctzll(word));
  }

  std::vector<std::uint64_t> words_;
  std::size_t word_ = 0;
  std::uint64_t ahead_ = all;  ///< places of the word at `word_` behind the last that was taken
};

}  // namespace

MachineTimeline::MachineTimeline(const Pipeline& pipeline, const Analysis& analysis, std::uint32_t frames,
                                 const std::vector<FrameGates>& gates)
    : pipeline_(pipeline), analysis_(analysis), frames_(frames) {
  fifos_.reserve(pipeline.edges.size());
  for (std::size_t edge = 0; edge < pipeline.edges.size(); ++edge) {
    fifos_.emplace_back(pipeline.edges[edge].depth, analysis.streams[edge].tokens_per_frame() * frames);
  }
  for (std::size_t unit = 0; unit < pipeline.units.size(); ++unit) {
    units_.push_back(make_unit(unit, gates));
  }
}

UnitPorts MachineTimeline::ports(std::size_t unit) {
  const UnitPlan& plan = analysis_.units[unit];
  UnitPorts ports;
  ports.input_edges = plan.inputs;
  ports.output_edges = plan.outputs;
  for (const std::size_t edge : plan.inputs) {
    ports.inputs.push_back(&fifos_[edge]);
  }
  for (const std::size_t edge : plan.outputs) {
    ports.outputs.push_back(&fifos_[edge]);
  }
  return ports;
}

std::unique_ptr<UnitTimeline> MachineTimeline::make_unit(std::size_t position,
                                                         const std::vector<FrameGates>& gates) {
  const Unit& unit = pipeline_.units[position];
  const UnitPlan& plan = analysis_.units[position];
  switch (unit.kind) {
    case UnitKind::source:
      return std::make_unique<SourceTimeline>(ports(position), plan.tokens_per_frame * frames_,
                                              unit.interval_cycles);
    case UnitKind::sink: {
      auto sink = std::make_unique<SinkTimeline>(ports(position), frames_, plan.tokens_per_frame);
      sink_ = sink.get();
      return sink;
    }
    case UnitKind::window:
      return std::make_unique<WindowTimeline>(
          ports(position), window_reads(analysis_.streams[plan.inputs.front()].map, unit.window), frames_);
    default:
      return std::make_unique<IssueTimeline>(ports(position),
                                             issue_constants(pipeline_, analysis_, position, frames_, gates));
  }
}

/// Advances units until none can: a unit is looked at again when a neighbour has gone on.
void MachineTimeline::follow(const std::function<void(std::uint32_t)>& progress) {
  std::vector<std::size_t> places(units_.size());
  for (std::size_t place = 0; place < units_.size(); ++place) {
    places[analysis_.order[place]] = place;
  }
  std::vector<std::vector<std::size_t>> consumers(units_.size());
  std::vector<std::vector<std::size_t>> producers(units_.size());
  for (const Edge& edge : pipeline_.edges) {
    consumers[edge.from].push_back(places[edge.to]);
    producers[edge.to].push_back(places[edge.from]);
  }
  Sweep waiting(units_.size());
  std::size_t told = 0;
  while (const std::optional<std::size_t> place = waiting.take()) {
    const std::size_t unit = analysis_.order[*place];
    const Advance done = units_[unit]->advance();
    if (done.pushed) {
      waiting.add_all(consumers[unit]);
    }
    if (done.popped) {
      waiting.add_all(producers[unit]);
    }
    if (progress && sink_->frame_cycles().size() != told) {
      told = sink_->frame_cycles().size();
      progress(static_cast<std::uint32_t>(told));
    }
  }
}

bool MachineTimeline::finished() const {
  return std::all_of(units_.begin(), units_.end(), [](const auto& unit) { return unit->finished(); });
}

Cycle MachineTimeline::end_cycle() const {
  Cycle last = -1;
  for (const FifoTimes& fifo : fifos_) {
    last = std::max(last, fifo.last_time());
  }
  return last + 1;
}

Deadlock MachineTimeline::deadlock() const {
  std::vector<UnitWait> waits;
  for (const auto& unit : units_) {
    waits.push_back(unit->wait());
  }
  return find_deadlock(pipeline_, analysis_, waits, static_cast<std::uint64_t>(end_cycle()));
}

RunResult MachineTimeline::run(const std::function<void(std::uint32_t frames_done)>& progress,
                               std::optional<std::uint64_t> interval_cycles) {
  std::optional<ClassIntervals> intervals;
  if (interval_cycles) {
    intervals.emplace(*interval_cycles);
    for (const auto& unit : units_) {
      unit->count_intervals(&*intervals);
    }
  }
  follow(progress);
  RunResult result;
  result.cycles = static_cast<std::uint64_t>(end_cycle());
  if (!finished()) {
    result.deadlock = deadlock();
    return result;
  }
  result.first_output_cycle = static_cast<std::uint64_t>(sink_->first_pop());
  result.frame_cycles = sink_->frame_cycles();
  for (const auto& unit : units_) {
    UnitResult& each = result.units.emplace_back();
    each.cycles = unit->finish(end_cycle());
    each.events[UnitEvent::line_buffer_full_cycles] = unit->line_buffer_full_cycles();
  }
  if (intervals) {
    intervals->end_run(result.cycles);
    result.intervals = std::move(intervals);
  }
  for (const FifoTimes& fifo : fifos_) {
    result.fifos.push_back(fifo.result());
  }
  return result;
}

}  // namespace lacuna::tomato::timeline
