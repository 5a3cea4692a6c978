#pragma once

#include <memory>

#include "models/eie/engine.h"

namespace lacuna::eie {

/// The engine without a clock: the same results as the clocked ones, from max-plus recurrences
/// (docs/timeline.md). Without `want_outputs` no values are computed: `outputs` is empty and
/// `accumulator_saturations` is 0. Runs that share a layer are cheaper through `simulate_timing` (timing.h).
/// Throws ConfigurationError for contradictory parameters.
std::unique_ptr<Engine> make_timeline_engine(const Parameters& parameters);

}  // namespace lacuna::eie
