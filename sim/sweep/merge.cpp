#include "sim/sweep/merge.h"

#include <cstddef>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "sim/sweep/join_stores.h"
#include "sim/sweep/search.h"
#include "sim/sweep/shard.h"
#include "sim/sweep/sweep_folder.h"
#include "sim/sweep/write_results.h"

namespace lacuna {
namespace {

class Merge {
 public:
  Merge(Sweep& sweep, const std::vector<std::string>& folders, const std::string& out,
        const MergeOptions& options)
      : options_(options),
        sweep_(sweep),
        folders_(folders),
        surroundings_{options.folders.reference(), options.folders.engine_options()},
        identity_(sweep, surroundings_),
        out_(out),
        store_(out_.file(sweep_store_file), identity_.sweep()) {}

  std::uint64_t join() {
    JoinHooks hooks;
    hooks.pulse = options_.pulse;
    hooks.name = [this](const std::string& hash) { return point_name(hash); };
    hooks.difference = [this](const PointOutcome& before, const PointOutcome& now) {
      return sweep_.space->first_difference(before.counts, now.counts);
    };
    return join_stores(folders_, identity_.sweep(), out_, store_, hooks);
  }

  /// Positions in `points`: of all that the sweep has, or of those that its search has come to.
  std::vector<std::size_t> missing() {
    points_ = sweep_.sampling.is_search() ? searched() : sweep_.points;
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      if (!store_.has(identity_.point(sweep_.point(points_[i])))) {
        positions.push_back(i);
      }
    }
    return positions;
  }
  const std::vector<std::uint64_t>& points() const { return points_; }

  /// Indices of the shards of `points`.
  std::vector<std::uint64_t> dealt(std::uint64_t count) const {
    return deal(sweep_, points_, count, surroundings_);
  }

  SweepSummary write() const { return write_results(sweep_, identity_, store_, out_, options_.results); }

 private:
  /// All points of a search, or those of its first generation that is not complete.
  std::vector<std::uint64_t> searched() {
    try {
      const Searched searched = search_points(sweep_, [this](const std::vector<std::uint64_t>& points) {
        OpenGeneration open{points, {}};
        std::vector<PointResult> results;
        for (const std::uint64_t number : points) {
          if (const auto found = store_.get(identity_.point(sweep_.point(number)))) {
            results.push_back(evaluate(sweep_, number, *found, out_.file(sweep_store_file)));
          } else {
            open.missing.push_back(number);
          }
        }
        if (!open.missing.empty()) {
          throw std::move(open);
        }
        return results;
      });
      sweep_.points = searched.points;
      sweep_.excluded = searched.excluded;
      return searched.points;
    } catch (const OpenGeneration& open) {
      return open.points;
    }
  }

  std::string point_name(const std::string& hash) const {
    for (const std::uint64_t point : sweep_.points) {
      if (identity_.point(sweep_.point(point)) == hash) {
        return fmt::format("point {}", point);
      }
    }
    return "a point";
  }

  const MergeOptions& options_;
  Sweep& sweep_;  ///< a search finds its points
  const std::vector<std::string>& folders_;
  const SweepSurroundings surroundings_;
  const Identity identity_;
  const SweepFolder out_;
  SweepStore store_;
  std::vector<std::uint64_t> points_;
};

}  // namespace

MergeSummary merge_sweeps(const std::vector<std::string>& folders, const std::string& out,
                          const Families& families, const MergeOptions& options) {
  check_folders_to_join(folders, out);
  const auto [record, dealt_alike] = common_record(folders, options.sweep_file);
  MergeSummary summary;
  summary.sweep = load_sweep(record.file, families, record.overrides);
  Merge merge(summary.sweep, folders, out, options);
  summary.added = merge.join();
  const std::vector<std::size_t> missing = merge.missing();
  summary.points = merge.points().size();
  summary.missing = missing.size();
  if (missing.empty()) {
    summary.results = merge.write();
    summary.results.kept = summary.points;
  } else if (dealt_alike) {
    const std::vector<std::uint64_t> shards = merge.dealt(record.shard.count);
    std::map<std::uint64_t, std::uint64_t> counts;
    for (const std::size_t position : missing) {
      ++counts[shards[position]];
    }
    for (const auto& [index, count] : counts) {
      summary.missing_shards.emplace_back(Shard{index, record.shard.count}.text(), count);
    }
  }
  return summary;
}

std::string merge_text(const MergeSummary& summary) {
  if (summary.missing == 0) {
    return summary_text(summary.sweep, summary.results);
  }
  const bool is_search = summary.sweep.sampling.is_search();
  std::string text = fmt::format("{} of {} points{} are joined, {} are missing; no results are written\n",
                                 summary.points - summary.missing, summary.points,
                                 is_search ? " of a generation" : "", summary.missing);
  for (const auto& [shard, count] : summary.missing_shards) {
    text += fmt::format("missing: {} points of --shard {}\n", count, shard);
  }
  return text + fmt::format(
                    "run these shards again{} and merge once more, or run the sweep without --shard in the "
                    "merged folder\n",
                    is_search ? " with --reuse of the merged folder" : "");
}

}  // namespace lacuna
