#pragma once

#include "sim/sweep/result_files.h"
#include "sim/sweep/run_sweep.h"
#include "sim/sweep/sweep.h"
#include "sim/sweep/sweep_folder.h"

namespace lacuna {

/// Writes the results in these formats, and pareto.csv where the sweep has objectives, from a store that
/// holds every point; results in other formats, of an earlier end, are removed. Each file appears complete,
/// by rename. Points come in the order of their numbers, whatever number of threads makes their text. Memory
/// grows with the front, not with the points.
SweepSummary write_results(const Sweep& sweep, const Identity& identity, const SweepStore& store,
                           const SweepFolder& folder, const ResultFormats& formats, std::size_t threads = 1);

}  // namespace lacuna
