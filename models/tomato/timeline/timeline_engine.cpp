#include "models/tomato/timeline/timeline_engine.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <utility>

#include "models/common/parallel_for.h"
#include "models/tomato/timeline/gates.h"
#include "models/tomato/timeline/machine_timeline.h"
#include "models/tomato/timeline/values.h"

namespace lacuna::tomato {
namespace {

using timeline::FrameGates;
using timeline::FrameOutcome;

/// What the values of all frames decide.
struct AllFrames {
  std::vector<std::vector<std::int64_t>> outputs;
  std::vector<FrameGates> gates;           ///< of each frame; one for all where no frame has its own
  std::vector<std::uint64_t> saturations;  ///< of all frames, as in Pipeline::units
  std::vector<std::vector<std::vector<std::int64_t>>> recorded = {};
};

class TimelineEngine : public Engine {
 public:
  TimelineEngine(const Pipeline& pipeline, const Parameters& parameters, unsigned threads)
      : pipeline_(pipeline), analysis_(analyse(pipeline, parameters)), threads_(std::max(1U, threads)) {}

  std::string_view name() const override { return "timeline"; }

  RunResult run(const RunInput& input) override {
    check_input(pipeline_, analysis_, input);
    AllFrames frames = input.has_values() ? run_values(input) : frames_without_values();
    // Where there are values, they take nearly all of the time, and have told their progress.
    RunResult result =
        timeline::MachineTimeline(pipeline_, analysis_, input.frames, frames.gates)
            .run(input.has_values() ? nullptr : input.progress, input.interval_cycles, input.trace);
    if (result.deadlock) {
      return result;
    }
    add_events(frames.gates, input.frames, result);
    for (std::size_t unit = 0; unit < result.units.size(); ++unit) {
      result.units[unit].events[UnitEvent::saturations] += frames.saturations[unit];
    }
    result.outputs = std::move(frames.outputs);
    result.recorded = std::move(frames.recorded);
    return result;
  }

 private:
  bool has_gates() const {
    return std::any_of(pipeline_.units.begin(), pipeline_.units.end(),
                       [](const Unit& unit) { return unit.kind == UnitKind::winners; });
  }

  AllFrames frames_without_values() const {
    return {{},
            {timeline::first_channels_open(pipeline_, analysis_)},
            std::vector<std::uint64_t>(pipeline_.units.size())};
  }

  /// A frame is made, run and, but for what decides the result, forgotten by the thread that takes it.
  AllFrames run_values(const RunInput& input) {
    const timeline::ValueModel model(pipeline_, analysis_);
    const Unit& source = pipeline_.units[analysis_.source];
    const bool own_gates = has_gates();
    AllFrames all = frames_without_values();
    all.outputs.resize(input.frames);
    all.recorded.assign(input.recorded_edges.size(), std::vector<std::vector<std::int64_t>>(input.frames));
    if (own_gates) {
      all.gates.resize(input.frames);
    }
    std::mutex saturations;
    std::atomic<std::uint32_t> done{0};
    std::uint32_t told = 0;  // by the calling thread
    parallel_for({input.frames, 1, threads_}, [&](const ParallelPart& part) {
      FrameOutcome outcome =
          model.run(frame_of(input, source, static_cast<std::uint32_t>(part.begin)), input.recorded_edges);
      all.outputs[part.begin] = std::move(outcome.outputs);
      for (std::size_t i = 0; i < all.recorded.size(); ++i) {
        all.recorded[i][part.begin] = std::move(outcome.recorded[i]);
      }
      if (own_gates) {
        all.gates[part.begin] = std::move(outcome.gates);
      }
      {
        const std::lock_guard<std::mutex> lock(saturations);
        std::transform(all.saturations.begin(), all.saturations.end(), outcome.saturations.begin(),
                       all.saturations.begin(), std::plus<>());
      }
      ++done;
      if (part.worker == 0 && input.progress) {
        told = done;
        input.progress(told);
      }
    });
    if (input.progress && told < input.frames) {
      input.progress(input.frames);
    }
    return all;
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
