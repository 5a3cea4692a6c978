#include "sim/tomato/balance.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/tomato/operators.h"

namespace lacuna::tomato {
namespace {

/// The smallest unroll factor for each number of steps over `size`, descending.
std::vector<std::uint32_t> factors(std::uint32_t size, std::optional<std::uint32_t> given) {
  if (given) {
    return {*given};
  }
  std::vector<std::uint32_t> result;
  for (std::uint32_t steps = 1; steps <= size; ++steps) {
    const auto factor = static_cast<std::uint32_t>(divide_up(size, steps));
    if (result.empty() || result.back() != factor) {
      result.push_back(factor);
    }
    // Beyond the square root the factors are consecutive.
    if (factor == 1) {
      break;
    }
  }
  return result;
}

/// Fewer operators first, then more products summed at once, then more kernel positions, then more inputs.
auto order_of(const Unroll& unroll) {
  const std::uint64_t summed = std::uint64_t{unroll.input_channels} * unroll.taps;
  return std::make_tuple(summed * unroll.output_channels, UINT64_MAX - summed, UINT32_MAX - unroll.taps);
}

/// The best unroll with at most `most` cycles per token.
std::optional<Unroll> smallest_unroll(const UnrollLimits& limits, const FixedUnroll& fixed,
                                      std::uint64_t most) {
  std::optional<Unroll> best;
  for (const std::uint32_t inputs : factors(limits.input_channels, fixed.input_channels)) {
    for (const std::uint32_t taps : factors(limits.taps, fixed.taps)) {
      const std::uint64_t steps = divide_up(limits.input_channels, inputs) * divide_up(limits.taps, taps);
      if (steps > most) {
        continue;
      }
      const std::uint64_t output_steps = std::min<std::uint64_t>(most / steps, limits.output_channels);
      Unroll unroll{inputs, static_cast<std::uint32_t>(divide_up(limits.output_channels, output_steps)),
                    taps};
      unroll.output_channels = fixed.output_channels.value_or(unroll.output_channels);
      if (issue_cycles(limits, unroll) <= most && (!best || order_of(unroll) < order_of(*best))) {
        best = unroll;
      }
    }
  }
  return best;
}

}  // namespace

UnrollLimits unroll_limits(const Pipeline& pipeline, const Analysis& analysis, std::size_t position) {
  const UnitPlan& plan = analysis.units[position];
  return plan.inputs.empty() ? UnrollLimits{}
                             : unroll_limits(pipeline.units[position], analysis.streams[plan.inputs.front()]);
}

std::uint64_t issue_cycles(const UnrollLimits& limits, const Unroll& unroll) {
  return divide_up(limits.input_channels, unroll.input_channels) *
         divide_up(limits.output_channels, unroll.output_channels) * divide_up(limits.taps, unroll.taps);
}

std::uint64_t planned_cycles_per_frame(const Analysis& analysis, std::size_t unit) {
  return analysis.units[unit].tokens_per_frame * analysis.units[unit].issue_cycles;
}

std::size_t planned_bottleneck(const Analysis& analysis) {
  std::size_t slowest = 0;
  for (std::size_t unit = 1; unit < analysis.units.size(); ++unit) {
    if (planned_cycles_per_frame(analysis, unit) > planned_cycles_per_frame(analysis, slowest)) {
      slowest = unit;
    }
  }
  return slowest;
}

void balance(Pipeline& pipeline, const Analysis& analysis, const std::vector<FixedUnroll>& fixed,
             std::uint64_t target) {
  balance(pipeline, analysis, fixed, std::vector<std::uint64_t>(pipeline.units.size(), target));
}

void balance(Pipeline& pipeline, const Analysis& analysis, const std::vector<FixedUnroll>& fixed,
             const std::vector<std::uint64_t>& targets) {
  for (std::size_t i = 0; i < pipeline.units.size(); ++i) {
    const UnrollLimits limits = unroll_limits(pipeline, analysis, i);
    const std::uint64_t tokens = std::max<std::uint64_t>(analysis.units[i].tokens_per_frame, 1);
    const std::optional<Unroll> unroll = smallest_unroll(limits, fixed[i], targets[i] / tokens);
    if (!unroll) {
      throw ConfigurationError({},
                               fmt::format("unit {} cannot keep to {} cycles for a frame: it takes {} tokens",
                                           pipeline.units[i].name, targets[i], tokens),
                               fmt::format("at least {} cycles per frame, or fewer factors given", tokens));
    }
    pipeline.units[i].unroll = *unroll;
  }
}

std::vector<std::uint64_t> target_candidates(const Pipeline& pipeline, const Analysis& analysis) {
  std::vector<std::uint64_t> targets;
  std::uint64_t least = 1;
  for (std::size_t i = 0; i < pipeline.units.size(); ++i) {
    const UnrollLimits limits = unroll_limits(pipeline, analysis, i);
    const std::uint64_t tokens = analysis.units[i].tokens_per_frame;
    least = std::max(least, tokens);
    for (const std::uint32_t inputs : factors(limits.input_channels, std::nullopt)) {
      for (const std::uint32_t outputs : factors(limits.output_channels, std::nullopt)) {
        for (const std::uint32_t taps : factors(limits.taps, std::nullopt)) {
          targets.push_back(tokens * issue_cycles(limits, {inputs, outputs, taps}));
        }
      }
    }
  }
  std::sort(targets.begin(), targets.end());
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  targets.erase(targets.begin(), std::lower_bound(targets.begin(), targets.end(), least));
  return targets;
}

}  // namespace lacuna::tomato
