#include "sim/sweep/run_sweep.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <utility>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/report/text_table.h"
#include "sim/sweep/runners.h"
#include "sim/sweep/sweep.h"
#include "sim/sweep/sweep_folder.h"
#include "sim/sweep/write_results.h"

namespace lacuna {
namespace {

using Clock = std::chrono::steady_clock;

/// Commits now and then, not after each point.
class Committer {
 public:
  explicit Committer(SweepStore& store) : store_(store) {}

  void pulse() {
    constexpr auto interval = std::chrono::milliseconds(200);
    if (Clock::now() - last_ >= interval) {
      commit();
    }
  }
  void commit() {
    store_.commit();
    last_ = Clock::now();
  }

 private:
  SweepStore& store_;
  Clock::time_point last_ = Clock::now();
};

class SweepRun {
 public:
  SweepRun(const Sweep& sweep, const std::string& folder, const SweepOptions& options)
      : sweep_(sweep),
        options_(options),
        surroundings_{options.folders.reference(), options.folders.engine_options()},
        identity_(sweep, surroundings_),
        folder_(folder),
        store_(folder_.file(sweep_store_file), identity_.sweep()),
        points_(options.shard ? points_of_shard(sweep, options.shard->shard) : sweep.points) {
    if (options.shard) {
      claim_folder();
    }
  }

  SweepSummary run() {
    find_missing();
    if (!missing_.empty()) {
      run_missing();
    }
    SweepSummary summary =
        options_.shard ? summary_of_shard() : write_results(sweep_, identity_, store_, folder_);
    summary.kept = points_.size() - missing_.size() - reused_;
    summary.reused = reused_;
    if (options_.checks > 0) {
      check(summary);
    }
    return summary;
  }

 private:
  /// A folder is one shard's: two in one would hide which of them is missing.
  void claim_folder() const {
    const std::optional<ShardRecord> before = read_shard_record(folder_.path());
    if (before && !(before->shard == options_.shard->shard)) {
      throw ConfigurationError(
          {folder_.path(), 0, "--out"},
          fmt::format("holds shard {}, not {}", before->shard.text(), options_.shard->shard.text()),
          "a folder of its own for each shard");
    }
    write_shard_record(folder_.path(), *options_.shard);
  }

  SweepSummary summary_of_shard() const {
    SweepSummary summary;
    summary.shard = options_.shard->shard.text();
    summary.points = points_.size();
    for (const std::uint64_t number : points_) {
      const PointOutcome found = outcome(number);
      if (found.failed()) {
        ++summary.failed;
        if (summary.first_failures.size() < shown_failures) {
          summary.first_failures.emplace_back(number, found.error);
        }
      }
    }
    return summary;
  }

  void find_missing() {
    const auto known = store_.hashes();
    for (const std::uint64_t number : points_) {
      if (known.count(identity_.point(sweep_.point(number))) == 0) {
        missing_.push_back(number);
      }
    }
    if (!options_.reuse.empty()) {
      take_from(options_.reuse);
    }
  }

  void take_from(const std::string& folder) {
    const SweepStore other(folder + "/" + sweep_store_file, "", SweepStore::Access::any_sweep);
    std::vector<std::uint64_t> rest;
    for (const std::uint64_t number : missing_) {
      const std::string hash = identity_.point(sweep_.point(number));
      if (const std::optional<PointOutcome> found = other.get(hash)) {
        store_.put(hash, *found);
        ++reused_;
      } else {
        rest.push_back(number);
      }
    }
    store_.commit();
    missing_ = std::move(rest);
  }

  RunnerPulse pulse_of(const SweepProgress& progress, Committer* committer) const {
    return [this, &progress, committer, begin = Clock::now()] {
      if (committer != nullptr) {
        committer->pulse();
      }
      if (options_.progress) {
        SweepProgress now = progress;
        now.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
        report(now, committer);
      }
    };
  }

  /// What is done is kept before anyone stops the sweep: the point that a worker is at may take long.
  void report(const SweepProgress& now, Committer* committer) const {
    try {
      options_.progress(now);
    } catch (...) {
      if (committer != nullptr) {
        committer->commit();
      }
      throw;
    }
  }

  void run_missing() {
    const std::uint64_t kept = points_.size() - missing_.size();
    SweepProgress progress{"points", kept, kept, points_.size(), 0.0};
    Committer committer(store_);
    const OutcomeSink sink = [&](std::uint64_t number, const PointOutcome& outcome) {
      store_.put(identity_.point(sweep_.point(number)), outcome);
      ++progress.done;
    };
    const std::vector<SweepPoint> points = points_of(sweep_, missing_);
    const auto runner = sweep_.space->runner(points, sweep_.engine, surroundings_);
    const RunnerPulse pulse = pulse_of(progress, &committer);
    try {
      if (!sweep_.engine_info().one_per_process) {
        run_in_threads(sweep_, points, *runner, options_.jobs, sink, pulse);
      } else {
        run_in_processes(points, *runner, options_.jobs, sink, pulse);
      }
    } catch (...) {
      store_.commit();
      throw;
    }
    store_.commit();
  }

  /// Random points among those that ran, by the sampling's seed.
  std::vector<std::uint64_t> points_to_check() const {
    std::vector<std::uint64_t> candidates;
    for (const std::uint64_t number : points_) {
      if (!outcome(number).failed()) {
        candidates.push_back(number);
      }
    }
    boost::random::mt19937_64 random(sweep_.sampling.seed);
    const std::size_t count = std::min<std::uint64_t>(options_.checks, candidates.size());
    for (std::size_t i = 0; i < count; ++i) {
      boost::random::uniform_int_distribution<std::size_t> rest(i, candidates.size() - 1);
      std::swap(candidates[i], candidates[rest(random)]);
    }
    candidates.resize(count);
    std::sort(candidates.begin(), candidates.end());
    return candidates;
  }

  PointOutcome outcome(std::uint64_t number) const {
    return store_.get(identity_.point(sweep_.point(number))).value();
  }

  std::string difference(const PointOutcome& a, const PointOutcome& b) const {
    if (a.error != b.error) {
      return fmt::format("one ended with '{}', the other with '{}'", a.error, b.error);
    }
    return sweep_.space->first_difference(a.counts, b.counts);
  }

  void check(SweepSummary& summary) const {
    const std::vector<SweepPoint> points = points_of(sweep_, points_to_check());
    SweepProgress progress{"checks", 0, 0, points.size(), 0.0};
    const OutcomeSink sink = [&](std::uint64_t number, const PointOutcome& clocked) {
      const std::string found = difference(outcome(number), clocked);
      if (!found.empty()) {
        summary.check_failures.emplace_back(number, found);
      }
      ++progress.done;
    };
    const auto runner = sweep_.space->runner(points, sweep_.reference_engine(), surroundings_);
    run_in_processes(points, *runner, options_.jobs, sink, pulse_of(progress, nullptr));
    std::sort(summary.check_failures.begin(), summary.check_failures.end());
    summary.checked = points.size();
  }

  const Sweep& sweep_;
  const SweepOptions& options_;
  const SweepSurroundings surroundings_;
  const Identity identity_;
  const SweepFolder folder_;
  SweepStore store_;
  const std::vector<std::uint64_t> points_;  ///< the sweep's, or the shard's
  std::vector<std::uint64_t> missing_;
  std::uint64_t reused_ = 0;
};

}  // namespace

SweepSummary run_sweep(const Sweep& sweep, const std::string& folder, const SweepOptions& options) {
  if (options.checks > 0 && sweep.engine == sweep.reference_engine()) {
    throw ConfigurationError(
        {{}, 0, "--check"},
        fmt::format("compares with the engine '{}', on which this sweep runs anyway", sweep.engine),
        "another engine");
  }
  return SweepRun(sweep, folder, options).run();
}

namespace {

/// The key without the section that all parameters share; of layers' settings with the layer.
std::string short_key(const std::string& key) {
  const std::string of_layers = "architecture.layers.";
  if (key.compare(0, of_layers.size(), of_layers) == 0) {
    return key.substr(of_layers.size());
  }
  const std::size_t dot = key.rfind('.');
  return dot == std::string::npos ? key : key.substr(dot + 1);
}

std::string front_text(const Sweep& sweep, const SweepSummary& summary) {
  std::vector<std::string> titles = {"point"};
  for (const Axis& axis : sweep.axes()) {
    titles.push_back(short_key(axis.key));
  }
  for (const Objective& objective : sweep.objectives) {
    titles.push_back(objective.name);
  }
  TextTable table(titles);
  const std::set<std::vector<std::string>> front(summary.front_rows.begin(), summary.front_rows.end());
  const std::set<std::vector<std::string>> base(summary.base_rows.begin(), summary.base_rows.end());
  const auto marked = [](std::vector<std::string> row) {
    row.front() += " (base)";
    return row;
  };
  for (const auto& row : summary.front_rows) {
    table.add_row(base.count(row) > 0 ? marked(row) : row);
  }
  for (const auto& row : summary.base_rows) {
    if (front.count(row) == 0) {
      table.add_row(marked(row));
    }
  }
  std::string text = fmt::format("\nPareto front: {} points\n\n", summary.front.size()) + table.str();
  if (summary.front.size() > summary.front_rows.size()) {
    text += fmt::format("and {} more in pareto.csv\n", summary.front.size() - summary.front_rows.size());
  }
  if (summary.base_rows.empty()) {
    text += "the base machine is none of these points\n";
  }
  return text;
}

}  // namespace

std::string summary_text(const Sweep& sweep, const SweepSummary& summary) {
  std::string text = summary.shard.empty() ? std::string() : fmt::format("shard {}: ", summary.shard);
  text += fmt::format("{} points: {} run now, {} from before", summary.points,
                      summary.points - summary.kept - summary.reused, summary.kept);
  text += summary.reused == 0 ? "" : fmt::format(", {} of another sweep", summary.reused);
  text += fmt::format("; {} failed", summary.failed);
  text += summary.shard.empty() ? fmt::format(", {} infeasible", summary.infeasible) : std::string();
  text +=
      summary.excluded == 0 ? "\n" : fmt::format("; {} not run, outside the constraints\n", summary.excluded);
  for (const auto& [number, error] : summary.first_failures) {
    text += fmt::format("failed: point {}: {}\n", number, error);
  }
  if (summary.failed > summary.first_failures.size()) {
    text += fmt::format("and {} more{}\n", summary.failed - summary.first_failures.size(),
                        summary.shard.empty() ? " in results.csv" : "");
  }
  if (summary.lossy > 0) {
    text += fmt::format("note: the formats of {} of {} points lose much, the first is point {}: {}\n",
                        summary.lossy, summary.points, summary.first_lossy, summary.first_loss);
  }
  if (!sweep.objectives.empty() && summary.shard.empty()) {
    text += front_text(sweep, summary);
  }
  for (const auto& [number, difference] : summary.check_failures) {
    text += fmt::format("CHECK FAILED: point {}: {}\n", number, difference);
  }
  if (summary.checked > 0) {
    text += fmt::format("check: {} of {} points are equal on the engine {}\n",
                        summary.checked - summary.check_failures.size(), summary.checked,
                        sweep.reference_engine());
  }
  return text;
}

}  // namespace lacuna
