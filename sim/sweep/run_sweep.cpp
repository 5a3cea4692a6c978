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
#include "sim/sweep/search.h"
#include "sim/sweep/sweep.h"
#include "sim/sweep/sweep_folder.h"
#include "sim/sweep/write_results.h"

namespace lacuna {
namespace {

using Clock = std::chrono::steady_clock;

/// Commits now and then, not after each point: five times a second where the disk keeps up, and otherwise so
/// that a tenth of the time goes there, but every ten seconds at least.
class Committer {
 public:
  explicit Committer(SweepStore& store) : store_(store) {}

  void pulse() {
    if (Clock::now() >= next_) {
      commit();
    }
  }
  void commit() {
    constexpr int share = 10;
    const Clock::time_point begin = Clock::now();
    store_.commit();
    const Clock::time_point end = Clock::now();
    next_ = end + std::clamp<Clock::duration>(share * (end - begin), least_interval, most_interval);
  }

 private:
  static constexpr std::chrono::milliseconds least_interval{200};
  static constexpr std::chrono::milliseconds most_interval{10000};

  SweepStore& store_;
  Clock::time_point next_ = Clock::now() + least_interval;
};

class SweepRun {
 public:
  SweepRun(const Sweep& sweep, const std::string& folder, const SweepOptions& options)
      : sweep_(sweep),
        options_(options),
        surroundings_{options.folders.reference(), options.folders.engine_options(), options.jobs},
        identity_(sweep, surroundings_),
        folder_(folder),
        store_(folder_.file(sweep_store_file), identity_.sweep()),
        points_(own_points(sweep.points)),
        crew_(options.crew) {
    if (!options.reuse.empty()) {
      other_.emplace(options.reuse + "/" + sweep_store_file, "", SweepStore::Access::any_sweep);
    }
    if (options.shard) {
      claim_folder(folder_.path(), *options.shard);
    }
    if (sweep.sampling.is_search() && !crew_) {
      crew_ = lasting_crew(sweep_, surroundings_, options.jobs);
    }
  }

  SweepSummary run() {
    if (sweep_.sampling.is_search()) {
      search();
    } else {
      complete(points_, points_.size(), 0);
    }
    SweepSummary summary =
        options_.shard ? summary_of_shard()
                       : write_results(sweep_, identity_, store_, folder_, options_.results, options_.jobs);
    summary.kept = points_.size() - run_ - reused_;
    summary.reused = reused_;
    if (options_.checks > 0) {
      check(summary);
    }
    return summary;
  }

 private:
  SweepSummary summary_of_shard() const {
    SweepSummary summary;
    summary.shard = options_.shard->shard.text();
    summary.points = points_.size();
    summary.waiting = waiting_;
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

  /// Has all of `points` in the store: of `total` that the sweep has, after `before` others.
  void complete(const std::vector<std::uint64_t>& points, std::uint64_t total, std::uint64_t before) {
    std::vector<std::uint64_t> missing = missing_of(points);
    if (other_) {
      missing = take_from(*other_, missing);
    }
    if (!missing.empty()) {
      run_points(missing, total, before + points.size() - missing.size());
    }
    run_ += missing.size();
  }

  /// Generations whose points a killed search stored are read again, and so lead to the same next one.
  void search() {
    try {
      const Searched searched = search_points(sweep_, [&](const auto& points) { return generation(points); });
      if (!options_.shard) {
        points_ = searched.points;
      }
      sweep_.points = searched.points;
      sweep_.excluded = searched.excluded;
    } catch (const OpenGeneration& open) {
      waiting_ = open.missing.size();
    }
  }

  std::vector<PointResult> generation(const std::vector<std::uint64_t>& points) {
    const std::vector<std::uint64_t> own = own_points(points);
    complete(own, sweep_.sampling.evaluations.value(), points_.size());
    points_.insert(points_.end(), own.begin(), own.end());
    OpenGeneration open{points, {}};
    std::vector<PointResult> results;
    results.reserve(points.size());
    for (const std::uint64_t number : points) {
      if (const std::optional<PointOutcome> found = known(number)) {
        results.push_back(evaluate(sweep_, number, *found, folder_.file(sweep_store_file)));
      } else {
        open.missing.push_back(number);
      }
    }
    if (!open.missing.empty()) {
      throw std::move(open);
    }
    return results;
  }

  /// Here or, for a shard, in the folder to reuse.
  std::optional<PointOutcome> known(std::uint64_t number) const {
    const std::string hash = identity_.point(sweep_.point(number));
    std::optional<PointOutcome> found = store_.get(hash);
    return found || !other_ ? found : other_->get(hash);
  }

  std::vector<std::uint64_t> own_points(const std::vector<std::uint64_t>& points) const {
    return options_.shard ? points_of_shard(sweep_, points, options_.shard->shard, surroundings_) : points;
  }

  std::vector<std::uint64_t> missing_of(const std::vector<std::uint64_t>& points) const {
    const bool is_new = store_.is_empty();
    std::vector<std::uint64_t> missing;
    for (const std::uint64_t number : points) {
      if (is_new || !store_.has(identity_.point(sweep_.point(number)))) {
        missing.push_back(number);
      }
    }
    return missing;
  }

  /// Returns what the other sweep lacks.
  std::vector<std::uint64_t> take_from(const SweepStore& other, const std::vector<std::uint64_t>& missing) {
    std::vector<std::uint64_t> rest;
    for (const std::uint64_t number : missing) {
      const std::string hash = identity_.point(sweep_.point(number));
      if (const std::optional<PointOutcome> found = other.get(hash)) {
        store_.put(hash, *found);
        ++reused_;
      } else {
        rest.push_back(number);
      }
    }
    store_.commit();
    return rest;
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

  void run_on(const std::string& engine, const std::vector<std::uint64_t>& points, const OutcomeSink& sink,
              const RunnerPulse& pulse) const {
    const PointTask task{sweep_, points, engine, surroundings_};
    if (crew_) {
      crew_(task, sink, pulse);
    } else {
      run_here(task, options_.jobs, sink, pulse);
    }
  }

  void run_points(const std::vector<std::uint64_t>& points, std::uint64_t total, std::uint64_t done) {
    SweepProgress progress{"points", done, done, total, 0.0};
    Committer committer(store_);
    const OutcomeSink sink = [&](std::uint64_t number, const PointOutcome& outcome) {
      store_.put(identity_.point(sweep_.point(number)), outcome);
      ++progress.done;
    };
    try {
      run_on(sweep_.engine, points, sink, pulse_of(progress, &committer));
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
    const std::vector<std::uint64_t> points = points_to_check();
    SweepProgress progress{"checks", 0, 0, points.size(), 0.0};
    const OutcomeSink sink = [&](std::uint64_t number, const PointOutcome& clocked) {
      const std::string found = difference(outcome(number), clocked);
      if (!found.empty()) {
        summary.check_failures.emplace_back(number, found);
      }
      ++progress.done;
    };
    run_on(sweep_.reference_engine(), points, sink, pulse_of(progress, nullptr));
    std::sort(summary.check_failures.begin(), summary.check_failures.end());
    summary.checked = points.size();
  }

  Sweep sweep_;  ///< a search finds its points
  const SweepOptions& options_;
  const SweepSurroundings surroundings_;
  const Identity identity_;
  const SweepFolder folder_;
  SweepStore store_;
  std::optional<SweepStore> other_;    ///< to reuse
  std::vector<std::uint64_t> points_;  ///< the sweep's, or the shard's; of a search those that it looked at
  PointCrew crew_;                     ///< empty: run_here
  std::uint64_t run_ = 0;              ///< points that were run now
  std::uint64_t reused_ = 0;
  std::uint64_t waiting_ = 0;  ///< points of other shards that the next generation depends on
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
  if (summary.waiting > 0) {
    text += fmt::format(
        "{} points of other shards decide the next generation: merge, then run all shards again "
        "with --reuse of what was merged\n",
        summary.waiting);
  }
  if (sweep.sampling.is_search() && summary.shard.empty() &&
      summary.points < sweep.sampling.evaluations.value()) {
    text += fmt::format("the search ended before its {} evaluations: it found no other point\n",
                        *sweep.sampling.evaluations);
  }
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
