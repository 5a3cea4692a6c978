#pragma once

#include <cstdint>
#include <string>

#include "models/eie/engine.h"
#include "tests/models/eie/random_case.h"

namespace lacuna::test {

/// `random_case`, stretched now and then to where the timeline's code changes its ways: more than one block
/// of lanes, many PEs, few rows per PE (accumulators meet), one PE with long columns, wide rows, shallow
/// queues.
Case timeline_case(std::uint64_t seed);

/// The case on the timeline engine, values included.
eie::RunResult run_timeline(const Case& c);

/// What a comparison of many cases found.
struct Comparison {
  std::uint64_t compared = 0;  ///< cases that the reference machine could hold
  std::string difference;  ///< first difference with its seed and a small failing case as YAML; empty if none
};

/// Compares the timeline with `reference` on `count` cases from `first_seed` on.
Comparison compare_cases(std::uint64_t first_seed, std::uint64_t count,
                         eie::RunResult (*reference)(const Case&));

}  // namespace lacuna::test
