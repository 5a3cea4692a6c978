#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/tomato/analysis.h"
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

/// The targets worth trying between what the fastest and the smallest machine need: the cycles per frame that
/// some unit has with some unroll factors, ascending.
std::vector<std::uint64_t> target_candidates(const Pipeline& pipeline, const Analysis& analysis);

}  // namespace lacuna::tomato
