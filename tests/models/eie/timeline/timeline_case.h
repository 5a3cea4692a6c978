#pragma once

#include <cstdint>

#include "models/eie/engine.h"
#include "tests/models/eie/random_case.h"

namespace lacuna::test {

/// `random_case`, stretched now and then to where the timeline's code changes its ways: more than one block
/// of lanes, many PEs, few rows per PE (accumulators meet), one PE with long columns, wide rows, shallow
/// queues.
Case timeline_case(std::uint64_t seed);

/// The case on the timeline engine, values included.
eie::RunResult run_timeline(const Case& c);

/// Runs `count` cases from `first_seed` on and compares the timeline with `reference`. Returns the first
/// difference with its seed and a small failing case as YAML, or an empty string.
std::string first_difference(std::uint64_t first_seed, std::uint64_t count,
                             eie::RunResult (*reference)(const Case&));

}  // namespace lacuna::test
