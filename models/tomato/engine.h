#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/common/run_trace.h"
#include "models/tomato/analysis.h"
#include "models/tomato/counters.h"
#include "models/tomato/deadlock.h"
#include "models/tomato/parameters.h"
#include "models/tomato/pipeline.h"
#include "models/tomato/steady_state.h"

namespace lacuna::tomato {

/// What a unit did in a run.
struct UnitResult {
  CycleClassCounts cycles;  ///< sums to the run's cycles
  UnitEventCounts events;
};

/// What happened in a FIFO (contract, section 7).
struct FifoResult {
  std::uint64_t pushes = 0;
  std::uint64_t high_water_mark = 0;     ///< slots that this run needed, <= depth
  std::uint64_t full_stall_cycles = 0;   ///< its producer had a token for it and it was full
  std::uint64_t empty_stall_cycles = 0;  ///< its consumer was free to take a token from it and it was empty
};

/// Result of one run of several frames back to back.
struct RunResult {
  std::uint64_t cycles = 0;              ///< one past the last cycle in which a token moved
  std::uint64_t first_output_cycle = 0;  ///< in which the sink took its first token
  std::vector<std::uint64_t>
      frame_cycles;               ///< of each frame, the cycle in which the sink took its last token
  std::vector<UnitResult> units;  ///< as in Pipeline::units
  std::vector<FifoResult> fifos;  ///< as in Pipeline::edges
  std::vector<std::vector<std::int64_t>> outputs;  ///< mantissas of each frame at the sink, [pixel][channel]
  /// Of each of RunInput::recorded_edges and each frame all values that passed, [pixel][channel].
  std::vector<std::vector<std::vector<std::int64_t>>> recorded;
  std::optional<ClassIntervals> intervals;  ///< where they were asked for; over all they sum to the units'
  std::optional<Deadlock> deadlock;         ///< if set, `cycles` is the deadlock's and all else is empty

  /// Cycles from reset to the end of the first frame.
  std::uint64_t latency_cycles() const { return frame_cycles.empty() ? 0 : frame_cycles.front() + 1; }
  /// Cycles from frame to frame in the steady state (steady_state.h); nothing for one frame.
  std::optional<double> cycles_per_frame() const {
    const std::optional<SteadyState> steady = steady_state(frame_cycles);
    return steady ? std::optional<double>(steady->cycles_per_frame()) : std::nullopt;
  }
};

/// What a run is given.
struct RunInput {
  /// Mantissas of a frame, [pixel][channel], in the source's format.
  using Frame = std::vector<std::int32_t>;

  std::uint32_t frames = 1;
  /// All frames; empty, without `make_frame`, for a run without values, which takes the winners of dynamic
  /// channel pruning to be the first channels and reports no outputs and saturations.
  std::vector<Frame> pixels = {};
  /// In place of `pixels`: makes a frame when an engine comes to it. Several threads may ask at once.
  std::function<Frame(std::uint32_t frame)> make_frame = nullptr;
  /// In a run with values: edges, streams of pixels, whose values are wanted.
  std::vector<std::size_t> recorded_edges = {};
  /// Called now and then, by the thread that runs the engine, with the frames done so far; may throw to stop
  /// the run.
  std::function<void(std::uint32_t frames_done)> progress = nullptr;

  /// Classes are also counted for each so many cycles, at least 1. A run throws ConfigurationError when that
  /// gives too many intervals.
  std::optional<std::uint64_t> interval_cycles = std::nullopt;

  /// Is told what the units did when, how full the FIFOs were, and of the frames; null: nobody is. The
  /// timeline engine alone tells; the family refuses it for others.
  RunTrace* trace = nullptr;

  bool has_values() const { return !pixels.empty() || make_frame; }
};

/// The unit whose issue stage was busy in the most cycles, the first of several: the bottleneck.
std::size_t busiest_unit(const RunResult& result);

/// A simulator of one pipeline. Each run starts from reset.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::string_view name() const = 0;
  /// Runs all frames until every token has been taken, or to a deadlock. Throws InputDataError when the input
  /// does not fit the source, ConfigurationError when values are asked for and weights are missing.
  virtual RunResult run(const RunInput& input) = 0;
  /// Completes what the engine writes besides its results (wave files); no run may follow. Throws on failure.
  virtual void finish() {}
};

/// Throws ConfigurationError, naming the unit, if weights are missing that a run with values needs.
void check_weights(const Pipeline& pipeline);

/// The checks that `run` promises, but for frames that are made on demand.
void check_input(const Pipeline& pipeline, const Analysis& analysis, const RunInput& input);

/// One frame of an input that has values. Throws InputDataError when one made on demand does not fit the
/// source.
RunInput::Frame frame_of(const RunInput& input, const Unit& source, std::uint32_t frame);

}  // namespace lacuna::tomato
