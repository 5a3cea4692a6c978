#pragma once

#include <cstddef>
#include <cstdint>

#include "models/memory/value_bytes.h"
#include "models/tomato/analysis.h"
#include "models/tomato/pipeline.h"

namespace lacuna::tomato {

/// How frames or results look in memory: mantissas, [pixel][channel], in the fewest bytes that hold each.
struct MapLayout {
  MapShape map;
  std::size_t bytes_each = 1;

  std::uint64_t values() const { return map.pixels() * map.channels; }
  std::uint64_t bytes() const { return values() * bytes_each; }
};

inline MapLayout frame_layout(const Pipeline& pipeline, const Analysis& analysis) {
  const Unit& source = pipeline.units[analysis.source];
  return {source.map, memory::bytes_of_range(min_mantissa(source.format), max_mantissa(source.format))};
}

inline MapLayout result_layout(const Analysis& analysis) {
  const Stream& stream = analysis.streams[analysis.units[analysis.sink].inputs.front()];
  MapShape map = stream.map;
  map.channels = static_cast<std::uint32_t>(stream.values_per_token());
  return {map, memory::bytes_of_range(stream.min_mantissa, stream.max_mantissa)};
}

}  // namespace lacuna::tomato
