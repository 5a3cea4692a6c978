#include "models/tomato/engine.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/tomato/analysis_steps.h"
#include "models/tomato/unit_traits.h"

namespace lacuna::tomato {
namespace {

void check_frame(const Unit& source, const RunInput::Frame& frame) {
  const std::uint64_t values = source.map.pixels() * source.map.channels;
  if (frame.size() != values) {
    throw InputDataError({}, fmt::format("a picture of {} values", frame.size()), fmt::format("{}", values));
  }
  const auto [low, high] = std::minmax_element(frame.begin(), frame.end());
  if (*low < min_mantissa(source.format) || *high > max_mantissa(source.format)) {
    throw InputDataError({}, "a pixel lies outside the source's format " + to_text(source.format));
  }
}

}  // namespace

void check_weights(const Pipeline& pipeline) {
  for (const Unit& unit : pipeline.units) {
    if (traits(unit.kind).has_weights && unit.weights.mantissas.empty()) {
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
  if (!input.pixels.empty() && input.pixels.size() != input.frames) {
    throw InputDataError({}, fmt::format("{} pictures for {} frames", input.pixels.size(), input.frames));
  }
  for (const RunInput::Frame& frame : input.pixels) {
    check_frame(source, frame);
  }
}

std::size_t busiest_unit(const RunResult& result) {
  const auto busiest = std::max_element(result.units.begin(), result.units.end(),
                                        [](const UnitResult& a, const UnitResult& b) {
                                          return a.cycles[CycleClass::busy] < b.cycles[CycleClass::busy];
                                        });
  return static_cast<std::size_t>(busiest - result.units.begin());
}

RunInput::Frame frame_of(const RunInput& input, const Unit& source, std::uint32_t frame) {
  if (!input.make_frame) {
    return input.pixels[frame];
  }
  RunInput::Frame made = input.make_frame(frame);
  check_frame(source, made);
  return made;
}

}  // namespace lacuna::tomato
