#pragma once

#include "sim/sweep/run_sweep.h"
#include "sim/sweep/sweep.h"
#include "sim/sweep/sweep_folder.h"

namespace lacuna {

/// Writes results.csv and results.json, and pareto.csv where the sweep has objectives, from a store that
/// holds every point. Each appears complete, by rename. Points come in the order of their numbers. Memory
/// does not grow with the points but for their objectives.
SweepSummary write_results(const Sweep& sweep, const Identity& identity, const SweepStore& store,
                           const SweepFolder& folder);

}  // namespace lacuna
