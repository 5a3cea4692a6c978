#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sim/family/family.h"
#include "sim/sweep/run_sweep.h"
#include "sim/sweep/sweep.h"

namespace lacuna {

struct MergeOptions {
  DataFolders folders;
  std::string sweep_file;  ///< empty: where the shards' records say
  ResultFormats results = default_result_formats();
  std::function<void()> pulse;  ///< called now and then; may throw to stop, which leaves `out` as it was
};

/// What joining shards came to.
struct MergeSummary {
  Sweep sweep;
  SweepSummary results;       ///< of the complete sweep; only with `missing` 0
  std::uint64_t points = 0;   ///< of the sweep, or of the first generation of its search that is not complete
  std::uint64_t added = 0;    ///< that `out` did not have
  std::uint64_t missing = 0;  ///< in no folder
  /// Shards with missing points, and how many; empty when the folders were dealt in different ways.
  std::vector<std::pair<std::string, std::uint64_t>> missing_shards;
};

/// Joins the stores of a sweep's shards (or of whole sweeps that were not ended) in the store of `out`, and
/// writes the results there when no point is missing: the same bytes as one sweep in one folder gives. The
/// folders are only read. All points are added, or, with an error, none.
///
/// Throws ConfigurationError for a folder that is in use, comes twice, belongs to another sweep, program or
/// other options, or when two folders hold different counts of one point; InputDataError for a damaged or
/// missing store (an empty one is a shard that was killed before it had any point), and when `out` cannot be
/// written.
MergeSummary merge_sweeps(const std::vector<std::string>& folders, const std::string& out,
                          const Families& families, const MergeOptions& options);

/// For a terminal: how many points were joined, and the results or what is missing.
std::string merge_text(const MergeSummary& summary);

}  // namespace lacuna
