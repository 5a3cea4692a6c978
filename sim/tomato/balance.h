#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/tomato/analysis.h"
#include "models/tomato/parameters.h"
#include "models/tomato/pipeline.h"
#include "models/tomato/unit_traits.h"

namespace lacuna::tomato {

/// What a unit can be unrolled over; nothing for the source.
UnrollLimits unroll_limits(const Pipeline& pipeline, const Analysis& analysis, std::size_t unit);

/// Cycles of one token: the product of the steps of each dimension, rounded up (docs/tomato.md, Unroll).
std::uint64_t issue_cycles(const UnrollLimits& limits, const Unroll& unroll);

/// Which unroll factors of a unit are given and stay; the others are free.
struct FixedUnroll {
  std::optional<std::uint32_t> input_channels;
  std::optional<std::uint32_t> output_channels;
  std::optional<std::uint32_t> taps;
};

/// Cycles that a unit needs for a frame with all gates open, before anything ran: its tokens times the cycles
/// of each.
std::uint64_t planned_cycles_per_frame(const Analysis& analysis, std::size_t unit);

/// The unit with the most planned cycles per frame, the first of several.
std::size_t planned_bottleneck(const Analysis& analysis);

/// Gives each unit the unroll factors with the fewest operators with which it needs at most `target` cycles
/// for a frame; of equal ones those that sum the most products at once, then the most kernel positions.
/// `fixed` is as Pipeline::units. Throws ConfigurationError, naming the unit, when none is fast enough.
void balance(Pipeline& pipeline, const Analysis& analysis, const std::vector<FixedUnroll>& fixed,
             std::uint64_t target);

/// The same with a target for each unit.
void balance(Pipeline& pipeline, const Analysis& analysis, const std::vector<FixedUnroll>& fixed,
             const std::vector<std::uint64_t>& targets);

/// Gives the requantisations of layers whose unroll is stated (`fixed`, as Pipeline::units) the fewest lanes
/// with which they need no more cycles for a frame than the layer's engine. For machines without a target,
/// whose other units have one lane.
void keep_pace(Pipeline& pipeline, const Analysis& analysis, const std::vector<FixedUnroll>& fixed);

/// The targets worth trying between what the fastest and the smallest machine need: the cycles per frame that
/// some unit has with some unroll factors, or that are in `more` (those of links), ascending.
std::vector<std::uint64_t> target_candidates(const Pipeline& pipeline, const Analysis& analysis,
                                             std::vector<std::uint64_t> more);

/// How much faster than its throughput needs each unit is made for a short way through the pipeline (our
/// choice).
///
/// Behind the last pixel a unit still has about a row of its map to work on: row = map width x I cycles, with
/// the I that the throughput asks for; on `lanes` operators. Made s times as fast it takes row / s on lanes x
/// s, and the sum of row / s under a given sum of lanes x s is least with s in proportion to sqrt(row /
/// lanes). One factor of proportion is left, the step: it grows by a sixteenth of a power of two from step to
/// step.
class LatencySteps {
 public:
  static constexpr std::size_t count = 400;  ///< the last has every unit at a token a cycle

  /// `balanced` is the analysis of `pipeline` with the unroll factors that its throughput needs. Units with
  /// stated factors (`fixed`, as Pipeline::units) keep them.
  LatencySteps(const Pipeline& pipeline, const Analysis& balanced, const std::vector<FixedUnroll>& fixed);

  /// Cycles per frame that each unit may need at a step, 0..count - 1; step 0 changes nothing.
  std::vector<std::uint64_t> targets(std::size_t step) const;

 private:
  struct UnitPace {
    std::uint64_t least = 0;       ///< cycles per frame at a token a cycle
    std::uint64_t balanced = 0;    ///< cycles per frame that the throughput needs
    std::optional<double> weight;  ///< sqrt(row / lanes); nothing: stays as it is
  };
  std::vector<UnitPace> units_;
};

/// Cycles from reset to the end of the first frame, on the timeline engine without values. With `never_full`
/// as if all FIFOs were deep enough. Throws ConfigurationError for a machine that stands still.
std::uint64_t frame_latency(Pipeline pipeline, const Parameters& parameters, bool never_full);

}  // namespace lacuna::tomato
