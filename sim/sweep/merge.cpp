#include "sim/sweep/merge.h"

#include <filesystem>
#include <map>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/common/version.h"
#include "sim/sweep/search.h"
#include "sim/sweep/shard.h"
#include "sim/sweep/sweep_folder.h"
#include "sim/sweep/write_results.h"

namespace lacuna {
namespace {

namespace fs = std::filesystem;

std::string store_of(const std::string& folder) {
  return folder + "/" + sweep_store_file;
}

/// Its sweep was killed before it had made its store: it has no points yet.
bool is_unbegun(const std::string& folder) {
  std::error_code error;
  return fs::file_size(store_of(folder), error) == 0 && !error;
}

/// A record lock ends when any descriptor of its file is closed, so that a folder may not come twice.
void check_folders(const std::vector<std::string>& folders, const std::string& out) {
  std::map<std::string, std::string> seen;
  std::error_code error;
  seen.emplace(fs::weakly_canonical(out, error).string(), out);
  for (const std::string& folder : folders) {
    if (!fs::exists(store_of(folder), error)) {
      throw InputDataError({folder, 0, {}}, fmt::format("holds no '{}'", sweep_store_file),
                           "the folder of a sweep or of a shard");
    }
    const auto [found, is_new] = seen.emplace(fs::weakly_canonical(folder, error).string(), folder);
    if (!is_new) {
      throw ConfigurationError({folder, 0, {}}, fmt::format("is the same folder as {}", found->second),
                               "each folder once, and another for --out");
    }
  }
}

bool same_options(const SweepOverrides& a, const SweepOverrides& b) {
  return a.assignments == b.assignments && a.engine == b.engine && a.energy == b.energy;
}

void check_program(const std::string& folder, const ShardRecord& record) {
  if (record.version != program_version() || record.commit != program_commit()) {
    throw ConfigurationError(
        {folder, 0, {}}, fmt::format("was made by lacuna {} (commit {})", record.version, record.commit),
        fmt::format("shards of this program, {} (commit {})", program_version(), program_commit()));
  }
}

/// How the sweep was asked for, the same for all shards.
ShardRecord common_record(const std::vector<std::string>& folders, const std::string& sweep_file,
                          bool& dealt_alike) {
  std::optional<ShardRecord> first;
  std::string first_folder;
  dealt_alike = true;
  for (const std::string& folder : folders) {
    const std::optional<ShardRecord> record = read_shard_record(folder);
    if (!record) {
      continue;
    }
    check_program(folder, *record);
    if (!first) {
      first = record;
      first_folder = folder;
    } else if (!same_options(first->overrides, record->overrides)) {
      throw ConfigurationError(
          {folder, 0, {}},
          fmt::format("was made with other --set, --engine or --energy than {}", first_folder),
          "shards of one sweep with the same options");
    }
    dealt_alike = dealt_alike && record->shard.count == first->shard.count;
  }
  if (!first) {
    dealt_alike = false;
    if (sweep_file.empty()) {
      throw ConfigurationError({folders.front(), 0, {}}, fmt::format("holds no '{}'", shard_record_file),
                               "at least one folder of a shard, or --sweep FILE");
    }
    first.emplace();
  }
  if (!sweep_file.empty()) {
    first->sweep_file = sweep_file;
  }
  return *first;
}

class Merge {
 public:
  Merge(const Sweep& sweep, const std::vector<std::string>& folders, const std::string& out,
        const MergeOptions& options)
      : options_(options),
        sweep_(sweep),
        folders_(folders),
        identity_(sweep, {options.folders.reference(), options.folders.engine_options()}),
        out_(out),
        store_(out_.file(sweep_store_file), identity_.sweep()) {}

  std::uint64_t join() {
    std::uint64_t added = 0;
    for (std::size_t i = 0; i < folders_.size(); ++i) {
      added += add(i);
    }
    store_.commit();
    return added;
  }

  std::vector<std::size_t> missing() const {
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; i < sweep_.points.size(); ++i) {
      if (!store_.has(identity_.point(sweep_.point(sweep_.points[i])))) {
        positions.push_back(i);
      }
    }
    return positions;
  }

  SweepSummary write() const { return write_results(sweep_, identity_, store_, out_, options_.results); }

 private:
  std::uint64_t add(std::size_t number) {
    const SweepFolder held(folders_[number]);  // no shard may be at work there
    if (is_unbegun(folders_[number])) {
      return 0;
    }
    const SweepStore shard(store_of(folders_[number]), identity_.sweep(), SweepStore::Access::existing);
    std::uint64_t added = 0;
    std::uint64_t seen = 0;
    shard.for_each([&](const std::string& hash, const PointOutcome& outcome) {
      constexpr std::uint64_t points_a_pulse = 1024;
      if (options_.pulse && ++seen % points_a_pulse == 0) {
        options_.pulse();
      }
      const std::optional<PointOutcome> before = store_.get(hash);
      if (!before) {
        store_.put(hash, outcome);
        ++added;
      } else if (before->error != outcome.error || before->counts != outcome.counts) {
        refuse_difference(number, hash, *before, outcome);
      }
    });
    return added;
  }

  [[noreturn]] void refuse_difference(std::size_t number, const std::string& hash, const PointOutcome& before,
                                      const PointOutcome& outcome) const {
    std::string other = out_.path();
    for (std::size_t i = 0; i < number; ++i) {
      if (is_unbegun(folders_[i])) {
        continue;
      }
      const SweepStore shard(store_of(folders_[i]), identity_.sweep(), SweepStore::Access::existing);
      if (shard.get(hash)) {
        other = folders_[i];
        break;
      }
    }
    throw ConfigurationError(
        {folders_[number], 0, {}},
        fmt::format("{} has other counts than {} ({})", point_name(hash), other, difference(before, outcome)),
        "shards whose counts agree; run the point's shards again in new folders");
  }

  std::string point_name(const std::string& hash) const {
    for (const std::uint64_t point : sweep_.points) {
      if (identity_.point(sweep_.point(point)) == hash) {
        return fmt::format("point {}", point);
      }
    }
    return "a point";
  }

  std::string difference(const PointOutcome& before, const PointOutcome& outcome) const {
    if (before.failed() || outcome.failed()) {
      const auto end = [](const PointOutcome& each) {
        return each.failed() ? "'" + each.error + "'" : "counts";
      };
      return fmt::format("{} and {}", end(before), end(outcome));
    }
    return sweep_.space->first_difference(before.counts, outcome.counts);
  }

  const MergeOptions& options_;
  const Sweep& sweep_;
  const std::vector<std::string>& folders_;
  const Identity identity_;
  const SweepFolder out_;
  SweepStore store_;
};

}  // namespace

MergeSummary merge_sweeps(const std::vector<std::string>& folders, const std::string& out,
                          const Families& families, const MergeOptions& options) {
  check_folders(folders, out);
  bool dealt_alike = false;
  const ShardRecord record = common_record(folders, options.sweep_file, dealt_alike);
  MergeSummary summary;
  summary.sweep = load_sweep(record.sweep_file, families, record.overrides);
  refuse_search(summary.sweep, {record.sweep_file, 0, "sampling.method"}, "nsga2 has no shards to join");
  summary.points = summary.sweep.points.size();
  Merge merge(summary.sweep, folders, out, options);
  summary.added = merge.join();
  const std::vector<std::size_t> missing = merge.missing();
  summary.missing = missing.size();
  if (missing.empty()) {
    summary.results = merge.write();
    summary.results.kept = summary.points;
  } else if (dealt_alike) {
    const std::vector<std::uint64_t> shards = deal(summary.sweep, record.shard.count);
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
  std::string text = fmt::format("{} of {} points are joined, {} are missing; no results are written\n",
                                 summary.points - summary.missing, summary.points, summary.missing);
  for (const auto& [shard, count] : summary.missing_shards) {
    text += fmt::format("missing: {} points of --shard {}\n", count, shard);
  }
  return text +
         "run these shards again and merge once more, or run the sweep without --shard in the merged "
         "folder\n";
}

}  // namespace lacuna
