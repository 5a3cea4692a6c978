#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/tomato/engine.h"

namespace lacuna::test {

/// A machine, and frames for it.
struct PipelineCase {
  tomato::Pipeline pipeline;
  tomato::Parameters parameters;
  tomato::RunInput input;
  /// Codes of each unit's weights, from which the pipeline's mantissas were decoded.
  std::map<std::size_t, std::vector<std::uint32_t>> codes;
};

/// A random machine of a few units up to some dozens: all kinds of units, all formats, random shapes,
/// strides, paddings, unroll factors, latencies and FIFO depths (some too small for its branches: those
/// deadlock), one to three frames with values. The same seed gives the same case.
PipelineCase random_pipeline(std::uint64_t seed);

/// The same with at least one unit that joins channels in groups or chooses among them.
PipelineCase random_grouped_pipeline(std::uint64_t seed);

/// The case in one line, for messages of failing tests.
std::string describe(const PipelineCase& c);

}  // namespace lacuna::test
