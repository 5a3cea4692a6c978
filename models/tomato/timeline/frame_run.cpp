#include "models/tomato/timeline/frame_run.h"

#include <algorithm>

namespace lacuna::tomato::timeline {

FrameRun::FrameRun(const Pipeline& pipeline, const Analysis& analysis, const std::vector<WeightRows>& rows,
                   const std::vector<std::int32_t>& pixels)
    : pipeline_(pipeline),
      analysis_(analysis),
      rows_(rows),
      pixels_(pixels),
      streams_(pipeline.edges.size()) {
  outcome_.gates.resize(pipeline.units.size());
  outcome_.saturations.resize(pipeline.units.size());
}

FrameOutcome FrameRun::run() {
  for (const std::size_t unit : analysis_.order) {
    run_unit(unit);
  }
  return std::move(outcome_);
}

void FrameRun::put(std::size_t unit, const FrameValues& values) {
  for (const std::size_t edge : analysis_.units[unit].outputs) {
    streams_[edge] = values;
  }
}

void FrameRun::put(std::size_t unit, Values values) {
  put(unit,
      FrameValues{std::make_shared<const Values>(std::move(values)), output_stream(unit).map, nullptr, 0});
}

void FrameRun::run_unit(std::size_t unit) {
  switch (pipeline_.units[unit].kind) {
    case UnitKind::source:
      put(unit, Values(pixels_.begin(), pixels_.end()));
      break;
    case UnitKind::sink:
      outcome_.outputs = *input(unit).values;
      break;
    case UnitKind::window:
      slide(unit);
      break;
    case UnitKind::convolution:
      convolve(unit);
      break;
    case UnitKind::depthwise:
      convolve_channels(unit);
      break;
    case UnitKind::pointwise:
      join_pixels(unit);
      break;
    case UnitKind::fully_connected:
      join_frame(unit);
      break;
    case UnitKind::max_pool:
      pool_largest(unit);
      break;
    case UnitKind::sum_pool:
      pool_sum(unit);
      break;
    case UnitKind::global_sum_pool:
      sum_frame(unit);
      break;
    case UnitKind::add:
      add(unit);
      break;
    case UnitKind::concat:
      concat(unit);
      break;
    case UnitKind::requantise:
      requantise_all(unit);
      break;
    case UnitKind::fork:
    case UnitKind::link:
      put(unit, input(unit));
      break;
    case UnitKind::winners:
      choose(unit);
      break;
    case UnitKind::boost:
      boost(unit);
      break;
  }
}

}  // namespace lacuna::tomato::timeline
