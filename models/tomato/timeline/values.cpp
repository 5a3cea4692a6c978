#include "models/tomato/timeline/values.h"

#include "models/tomato/timeline/frame_run.h"
#include "models/tomato/unit_traits.h"

namespace lacuna::tomato::timeline {

namespace {

/// Whether no sum of any subset of a unit's products leaves 32 bits.
bool is_narrow(const Stream& output) {
  return output.width_bits <= 32;
}

}  // namespace

ValueModel::ValueModel(const Pipeline& pipeline, const Analysis& analysis)
    : pipeline_(pipeline), analysis_(analysis), rows_(pipeline.units.size()) {
  for (std::size_t unit = 0; unit < pipeline.units.size(); ++unit) {
    const Unit& u = pipeline.units[unit];
    if (traits(u.kind).joins_channels) {
      const Stream& output = analysis.streams[analysis.units[unit].outputs.front()];
      rows_[unit] = WeightRows(u.weights.mantissas, u.output_channels, is_narrow(output));
    }
  }
}

FrameOutcome ValueModel::run(const std::vector<std::int32_t>& pixels) const {
  return FrameRun(pipeline_, analysis_, rows_, pixels).run();
}

}  // namespace lacuna::tomato::timeline
