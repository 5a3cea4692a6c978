#include "sim/tomato/latency.h"

#include <algorithm>
#include <cmath>

#include "models/common/error.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "sim/tomato/fifo_sizing.h"

namespace lacuna::tomato {
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

bool is_stated(const FixedUnroll& fixed) {
  return fixed.input_channels || fixed.output_channels || fixed.taps;
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
    throw ConfigurationError({}, explain(pipeline, *result.deadlock));
  }
  return result.latency_cycles();
}

}  // namespace lacuna::tomato
