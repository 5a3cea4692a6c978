#pragma once

#include <vector>

#include "tests/models/tomato/random_pipeline.h"

namespace lacuna::test {

/// What the network computes, as real numbers, whole map by whole map, from codes and definitions alone:
/// shares no code with the engines. All sums stay within 64 bits, so long doubles are exact.
struct RealMap {
  tomato::MapShape shape;
  std::vector<long double> values;  ///< [row][column][channel]
};

/// The sink's map of each frame.
std::vector<RealMap> plain_reference(const PipelineCase& c);

}  // namespace lacuna::test
