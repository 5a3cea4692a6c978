#include "models/tomato/timeline/timeline_engine.h"

#include <algorithm>
#include <utility>

#include "models/common/parallel_for.h"
#include "models/tomato/timeline/events.h"
#include "models/tomato/timeline/machine_timeline.h"
#include "models/tomato/timeline/values.h"

namespace lacuna::tomato {
namespace {

using timeline::FrameGates;
using timeline::FrameOutcome;

class TimelineEngine : public Engine {
 public:
  TimelineEngine(const Pipeline& pipeline, const Parameters& parameters, unsigned threads)
      : pipeline_(pipeline), analysis_(analyse(pipeline, parameters)), threads_(std::max(1U, threads)) {}

  std::string_view name() const override { return "timeline"; }

  RunResult run(const RunInput& input) override {
    check_input(pipeline_, analysis_, input);
    std::vector<FrameOutcome> frames = input.has_values() ? run_values(input) : std::vector<FrameOutcome>();
    const std::vector<FrameGates> gates = take_gates(frames);
    RunResult result = timeline::MachineTimeline(pipeline_, analysis_, input.frames, gates).run();
    if (result.deadlock) {
      return result;
    }
    add_events(gates, input.frames, result);
    for (FrameOutcome& frame : frames) {
      result.outputs.push_back(std::move(frame.outputs));
      for (std::size_t unit = 0; unit < result.units.size(); ++unit) {
        result.units[unit].events[UnitEvent::saturations] += frame.saturations[unit];
      }
    }
    return result;
  }

 private:
  std::vector<FrameOutcome> run_values(const RunInput& input) {
    const timeline::ValueModel model(pipeline_, analysis_);
    std::vector<FrameOutcome> frames(input.frames);
    parallel_for({frames.size(), 1, threads_},
                 [&](const ParallelPart& part) { frames[part.begin] = model.run(input.pixels[part.begin]); });
    return frames;
  }

  /// The gates of each frame; one for all where there are no values.
  std::vector<FrameGates> take_gates(std::vector<FrameOutcome>& frames) const {
    std::vector<FrameGates> gates;
    gates.reserve(frames.size() + 1);
    for (FrameOutcome& frame : frames) {
      gates.push_back(std::move(frame.gates));
    }
    if (gates.empty()) {
      gates.push_back(timeline::first_channels_open(pipeline_, analysis_));
    }
    return gates;
  }

  void add_events(const std::vector<FrameGates>& gates, std::uint32_t frames, RunResult& result) const {
    for (std::size_t unit = 0; unit < result.units.size(); ++unit) {
      const UnitPlan& plan = analysis_.units[unit];
      const bool gated = plan.output_gate_input || plan.input_gate_input;
      const std::size_t different = gated ? gates.size() : 1;
      for (std::size_t frame = 0; frame < different; ++frame) {
        UnitEventCounts events = timeline::frame_events(
            pipeline_, analysis_, unit, timeline::unit_gates(pipeline_, analysis_, unit, gates[frame]));
        for (std::uint64_t& count : events.values) {
          count *= frames / different;
        }
        result.units[unit].events += events;
      }
    }
  }

  Pipeline pipeline_;
  Analysis analysis_;
  unsigned threads_;
};

}  // namespace

std::unique_ptr<Engine> make_timeline_engine(const Pipeline& pipeline, const Parameters& parameters,
                                             unsigned threads) {
  return std::make_unique<TimelineEngine>(pipeline, parameters, threads);
}

}  // namespace lacuna::tomato
