#include "models/tomato/engine.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/tomato/analysis_steps.h"

namespace lacuna::tomato {

void check_weights(const Pipeline& pipeline) {
  for (const Unit& unit : pipeline.units) {
    if (has_weights(unit.kind) && unit.weights.mantissas.empty()) {
      throw unit_error(pipeline, unit, "it has no weights", "runs without values need none");
    }
  }
}

void check_input(const Pipeline& pipeline, const Analysis& analysis, const RunInput& input) {
  const Unit& source = pipeline.units[analysis.source];
  if (input.frames < 1) {
    throw InputDataError({}, "no frames to run", "1 or more");
  }
  if (!input.has_values()) {
    return;
  }
  check_weights(pipeline);
  const std::uint64_t values = source.map.pixels() * source.map.channels;
  if (input.pixels.size() != input.frames) {
    throw InputDataError({}, fmt::format("{} pictures for {} frames", input.pixels.size(), input.frames));
  }
  for (const std::vector<std::int32_t>& frame : input.pixels) {
    if (frame.size() != values) {
      throw InputDataError({}, fmt::format("a picture of {} values", frame.size()),
                           fmt::format("{}", values));
    }
    const auto [low, high] = std::minmax_element(frame.begin(), frame.end());
    if (*low < min_mantissa(source.format) || *high > max_mantissa(source.format)) {
      throw InputDataError({}, "a pixel lies outside the source's format " + to_text(source.format));
    }
  }
}

}  // namespace lacuna::tomato
