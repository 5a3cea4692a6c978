#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/family/family.h"
#include "sim/sweep/result_formats.h"
#include "sim/sweep/runners.h"
#include "sim/sweep/shard.h"
#include "sim/sweep/sweep.h"

namespace lacuna {

/// Where a sweep stands, for whoever watches it.
struct SweepProgress {
  const char* doing = "";  ///< "points" or "checks"
  std::uint64_t done = 0;  ///< of `total`, `kept` included
  std::uint64_t kept = 0;  ///< found in the store at the start
  std::uint64_t total = 0;
  double seconds = 0.0;  ///< since the first of them was begun
};

struct SweepOptions {
  DataFolders folders;
  unsigned jobs = 1;         ///< threads, or processes for engines of which a process can have only one
  PointCrew crew;            ///< who runs the points; empty: this process, with `jobs`
  std::uint64_t checks = 0;  ///< points to run again on the family's reference engine
  ResultFormats results = default_result_formats();
  /// Folder of another sweep, of which equal points are taken instead of run; empty: none.
  std::string reuse;
  /// Runs this part alone and writes no results: merge_sweeps joins the shards. Of a search, generation after
  /// generation, as far as others' points are in the folder to reuse.
  std::optional<ShardRecord> shard;
  /// Called about 20 times a second; may throw to stop the sweep, which keeps what is done.
  std::function<void(const SweepProgress&)> progress;
};

/// Most failed points that a summary names.
inline constexpr std::size_t shown_failures = 5;

/// Whether a sweep with points that cannot be run has passed.
enum class FailedPoints { refuse, accept };

/// What a sweep came to.
struct SweepSummary {
  std::string shard;  ///< "3/8" when only this part was run; infeasible points and the front are then unknown
  std::uint64_t points = 0;
  std::uint64_t waiting = 0;  ///< points of a generation that a shard of a search has to know to go on
  std::uint64_t kept = 0;     ///< found in the store, not run again
  std::uint64_t reused = 0;   ///< found in another sweep's store
  std::uint64_t failed = 0;
  std::uint64_t infeasible = 0;
  std::uint64_t excluded = 0;  ///< by constraints on parameters: not run
  std::vector<std::pair<std::uint64_t, std::string>>
      first_failures;       ///< at most shown_failures: point and error
  std::uint64_t lossy = 0;  ///< points whose formats lose much of a layer; the first and what it loses
  std::uint64_t first_lossy = 0;
  std::string first_loss;
  std::vector<std::uint64_t> front;                  ///< points of the Pareto front; empty without objectives
  std::vector<std::vector<std::string>> front_rows;  ///< at most 20 of them: axes, then objectives
  /// Of the points of the base machine, at most 20: as front_rows; one that is not allowed says why.
  std::vector<std::vector<std::string>> base_rows;
  std::uint64_t checked = 0;
  std::vector<std::pair<std::uint64_t, std::string>> check_failures;  ///< point and difference

  bool passed(FailedPoints failed_points = FailedPoints::refuse) const {
    return (failed == 0 || failed_points == FailedPoints::accept) && check_failures.empty();
  }
};

/// Runs what the store in `folder` lacks of the sweep, then writes its results and (with objectives)
/// pareto.csv there. These are the same bytes whatever `jobs` is and however often the sweep was
/// interrupted. Throws Lacuna's errors: for a folder that is in use or belongs to something else, for one to
/// reuse that holds no store, and when inputs cannot be read; points that cannot be run are counted as
/// failed.
SweepSummary run_sweep(const Sweep& sweep, const std::string& folder, const SweepOptions& options);

/// For a terminal: how many points, the failed ones, the Pareto front, the checks.
std::string summary_text(const Sweep& sweep, const SweepSummary& summary);

}  // namespace lacuna
