#pragma once

#include <string>
#include <vector>

#include "tests/models/tomato/plain_maps.h"
#include "tests/models/tomato/random_pipeline.h"

namespace lacuna::test {

/// What the network computes, as real numbers, whole map by whole map, from codes and definitions alone:
/// shares no code with the engines. All sums stay within 64 bits, so long doubles are exact. The sink's map
/// of each frame.
std::vector<plain::RealMap> plain_reference(const PipelineCase& c);

/// The first value in which a run's results differ from it, in words; empty if none.
std::string value_difference(const PipelineCase& c, const tomato::RunResult& result);

}  // namespace lacuna::test
