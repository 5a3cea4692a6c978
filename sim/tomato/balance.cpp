#include "sim/tomato/balance.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "models/tomato/unit_traits.h"
#include "sim/tomato/fifo_sizing.h"

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

/// " with unroll_inputs 1, unroll_kernel 3 as stated"; empty where nothing is.
std::string stated_text(const FixedUnroll& fixed) {
  std::string text;
  for (const auto& [key, factor] : {std::make_pair("unroll_inputs", fixed.input_channels),
                                    std::make_pair("unroll_outputs", fixed.output_channels),
                                    std::make_pair("unroll_kernel", fixed.taps)}) {
    if (factor) {
      text += fmt::format("{}{} {}", text.empty() ? " with " : ", ", key, *factor);
    }
  }
  return text.empty() ? text : text + " as stated";
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
      throw PipelineError(pipeline.units[i].layer,
                          fmt::format("unit {} cannot keep to {} cycles for a frame: it takes {} tokens{}",
                                      pipeline.units[i].name, targets[i], tokens, stated_text(fixed[i])),
                          fmt::format("at least {} cycles per frame, or fewer factors given", tokens));
    }
    pipeline.units[i].unroll = *unroll;
  }
}

namespace {

bool is_stated(const FixedUnroll& fixed) {
  return fixed.input_channels || fixed.output_channels || fixed.taps;
}

}  // namespace

void keep_pace(Pipeline& pipeline, const Analysis& analysis, const std::vector<FixedUnroll>& fixed) {
  std::map<std::string, std::uint64_t> pace;  // of layers
  for (std::size_t i = 0; i < pipeline.units.size(); ++i) {
    if (is_stated(fixed[i])) {
      pace[pipeline.units[i].layer] = planned_cycles_per_frame(analysis, i);
    }
  }
  for (std::size_t i = 0; i < pipeline.units.size(); ++i) {
    const auto engine = pace.find(pipeline.units[i].layer);
    if (pipeline.units[i].kind == UnitKind::requantise && engine != pace.end()) {
      const std::uint64_t most =
          std::max<std::uint64_t>(1, engine->second / analysis.units[i].tokens_per_frame);
      pipeline.units[i].unroll = *smallest_unroll(unroll_limits(pipeline, analysis, i), {}, most);
    }
  }
}

std::vector<std::uint64_t> target_candidates(const Pipeline& pipeline, const Analysis& analysis,
                                             std::vector<std::uint64_t> more) {
  std::vector<std::uint64_t> targets = std::move(more);
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

namespace {

constexpr int steps_per_octave = 16;
constexpr int first_octave = -6;  // no unit of a real network is made faster by it

double factor_at(std::size_t position) {
  const int step = static_cast<int>(position);
  const double within = 1.0 + static_cast<double>(step % steps_per_octave) / steps_per_octave;
  return std::ldexp(within, first_octave + step / steps_per_octave);
}

double row_cycles(const Analysis& analysis, std::size_t unit) {
  const UnitPlan& plan = analysis.units[unit];
  const std::uint32_t width = plan.inputs.empty() ? 1 : analysis.streams[plan.inputs.front()].map.width;
  return static_cast<double>(width) * static_cast<double>(plan.issue_cycles);
}

}  // namespace

LatencySteps::LatencySteps(const Pipeline& pipeline, const Analysis& balanced,
                           const std::vector<FixedUnroll>& fixed) {
  for (std::size_t unit = 0; unit < pipeline.units.size(); ++unit) {
    const Unroll& unroll = pipeline.units[unit].unroll;
    const double lanes = static_cast<double>(unroll.input_channels) *
                         static_cast<double>(unroll.output_channels) * static_cast<double>(unroll.taps);
    UnitPace pace;
    pace.least = std::max<std::uint64_t>(1, balanced.units[unit].tokens_per_frame);
    pace.balanced = std::max(pace.least, planned_cycles_per_frame(balanced, unit));
    if (!is_stated(fixed[unit])) {
      pace.weight = std::sqrt(row_cycles(balanced, unit) / lanes);
    }
    units_.push_back(pace);
  }
}

std::vector<std::uint64_t> LatencySteps::targets(std::size_t step) const {
  std::vector<std::uint64_t> result;
  for (const UnitPace& pace : units_) {
    const double speed = step == 0 || !pace.weight ? 1.0 : std::max(1.0, factor_at(step) * *pace.weight);
    const auto cycles = static_cast<std::uint64_t>(static_cast<double>(pace.balanced) / speed);
    result.push_back(std::max(pace.least, cycles));
  }
  return result;
}

std::uint64_t frame_latency(Pipeline pipeline, const Parameters& parameters, bool never_full) {
  if (never_full) {
    make_never_full(pipeline);
  }
  RunInput input;
  const RunResult result = make_timeline_engine(pipeline, parameters)->run(input);
  if (result.deadlock) {
    throw PipelineError({}, explain(pipeline, *result.deadlock));
  }
  return result.latency_cycles();
}

}  // namespace lacuna::tomato
