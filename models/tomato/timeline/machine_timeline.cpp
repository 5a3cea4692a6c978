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

/// Units that are to be looked at, each once, first come first served.
class UnitQueue {
 public:
  explicit UnitQueue(std::size_t units) : is_in_(units, 0), ring_(units) {}

  bool empty() const { return size_ == 0; }
  void add(std::size_t unit) {
    if (is_in_[unit] == 0) {
      is_in_[unit] = 1;
      ring_[end_] = unit;
      end_ = next(end_);
      ++size_;
    }
  }
  std::size_t take() {
    const std::size_t unit = ring_[begin_];
    begin_ = next(begin_);
    --size_;
    is_in_[unit] = 0;
    return unit;
  }

 private:
  std::size_t next(std::size_t place) const { return place + 1 == ring_.size() ? 0 : place + 1; }

  std::vector<char> is_in_;
  std::vector<std::size_t> ring_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t size_ = 0;
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

/// Advances units until none can. A unit is looked at again when a neighbour has pushed to a FIFO in which it
/// knew no token, or popped from one in which it knew no room: anything else cannot be what it waits for.
void MachineTimeline::follow(const std::function<void(std::uint32_t)>& progress) {
  struct Neighbour {
    const FifoTimes* fifo;
    std::size_t unit;
  };
  std::vector<std::vector<Neighbour>> consumers(units_.size());
  std::vector<std::vector<Neighbour>> producers(units_.size());
  for (std::size_t i = 0; i < pipeline_.edges.size(); ++i) {
    const Edge& edge = pipeline_.edges[i];
    consumers[edge.from].push_back({&fifos_[i], edge.to});
    producers[edge.to].push_back({&fifos_[i], edge.from});
  }
  std::vector<Advance> last(units_.size());
  UnitQueue waiting(units_.size());
  for (const std::size_t unit : analysis_.order) {
    waiting.add(unit);
  }
  std::size_t told = 0;
  while (!waiting.empty()) {
    const std::size_t unit = waiting.take();
    const Advance done = units_[unit]->advance();
    last[unit] = done;
    if (done.pushed != 0) {
      for (const Neighbour& consumer : consumers[unit]) {
        if (last[consumer.unit].wants_token && consumer.fifo->tokens_known() <= done.pushed) {
          waiting.add(consumer.unit);
        }
      }
    }
    if (done.popped != 0) {
      for (const Neighbour& producer : producers[unit]) {
        if (last[producer.unit].wants_room && producer.fifo->rooms_known() <= done.popped) {
          waiting.add(producer.unit);
        }
      }
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

void MachineTimeline::tell(ClassIntervals* intervals, RunTrace* trace) {
  if (trace != nullptr) {
    std::vector<std::string> names;
    for (const Unit& unit : pipeline_.units) {
      names.push_back(unit.name);
    }
    trace->set_lanes(names, cycle_class_info.data());
    names.clear();
    std::vector<bool> kept;
    for (const Edge& edge : pipeline_.edges) {
      names.push_back(edge_name(pipeline_, edge));
      kept.push_back(trace->keeps_lane(edge.from) || trace->keeps_lane(edge.to));
    }
    trace->set_queues(names, std::move(kept));
  }
  for (std::size_t unit = 0; unit < units_.size(); ++unit) {
    units_[unit]->tell(unit, intervals, trace);
  }
  for (std::size_t edge = 0; edge < fifos_.size(); ++edge) {
    fifos_[edge].tell(edge, trace);
  }
}

RunResult MachineTimeline::run(const std::function<void(std::uint32_t frames_done)>& progress,
                               std::optional<std::uint64_t> interval_cycles, RunTrace* trace) {
  std::optional<ClassIntervals> intervals;
  if (interval_cycles) {
    intervals.emplace(*interval_cycles);
  }
  tell(intervals ? &*intervals : nullptr, trace);
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
  if (trace != nullptr) {
    std::uint64_t begin = 0;
    for (std::size_t frame = 0; frame < result.frame_cycles.size(); ++frame) {
      trace->add_work("frames", "frame " + std::to_string(frame), begin, result.frame_cycles[frame] + 1);
      begin = result.frame_cycles[frame] + 1;
    }
    trace->end_run(result.cycles);
  }
  for (const FifoTimes& fifo : fifos_) {
    result.fifos.push_back(fifo.result());
  }
  return result;
}

}  // namespace lacuna::tomato::timeline
