#include "sim/search/run/run_search.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <mutex>
#include <numeric>
#include <utility>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <fmt/format.h>

#include "models/common/error.h"
#include "models/common/parallel_for.h"
#include "sim/search/run/search_results.h"
#include "sim/sweep/sweep_folder.h"

namespace lacuna {
namespace {

using Clock = std::chrono::steady_clock;

/// A thing to compute, and under which key it is kept.
struct Task {
  std::string key;
  std::function<std::optional<PointOutcome>(const std::function<bool()>& stop)> compute;
};

/// The folder's store, and who fills it.
class Points {
 public:
  Points(const SweepFolder& folder, const std::string& identity, const SearchOptions& options)
      : options_(options), store_(folder.file(sweep_store_file), identity) {
    if (!options.reuse.empty()) {
      other_.emplace(options.reuse + "/" + sweep_store_file, "", SweepStore::Access::any_sweep);
    }
  }

  /// Has all tasks in the store. `before` of `total` are done already.
  void complete(const std::vector<Task>& tasks, SearchProgress progress) {
    std::vector<const Task*> missing;
    for (const Task& task : tasks) {
      if (!find(task.key)) {
        missing.push_back(&task);
      }
    }
    progress.done += tasks.size() - missing.size();
    if (!missing.empty()) {
      compute(missing, progress);
    }
    store_.commit();
  }

  PointOutcome get(const std::string& key) const { return store_.get(key).value(); }

 private:
  bool find(const std::string& key) {
    if (store_.has(key)) {
      return true;
    }
    if (other_) {
      if (const std::optional<PointOutcome> found = other_->get(key)) {
        store_.put(key, *found);
        return true;
      }
    }
    return false;
  }

  void compute(const std::vector<const Task*>& tasks, SearchProgress progress) {
    std::mutex mutex;
    std::vector<std::pair<std::string, PointOutcome>> done;
    Clock::time_point committed = Clock::now();
    const auto keep = [&] {
      std::vector<std::pair<std::string, PointOutcome>> now;
      {
        const std::lock_guard<std::mutex> lock(mutex);
        now.swap(done);
      }
      for (const auto& [key, outcome] : now) {
        store_.put(key, outcome);
      }
      progress.done += now.size();
      constexpr std::chrono::milliseconds interval{500};
      if (Clock::now() - committed > interval) {
        store_.commit();
        committed = Clock::now();
      }
    };
    const auto work = [&](const ParallelPart& part) {
      const std::function<bool()> stop = [&] { return part.stopped || (options_.stop && options_.stop()); };
      for (std::size_t i = part.begin; i < part.end; ++i) {
        if (std::optional<PointOutcome> outcome = tasks[i]->compute(stop)) {
          const std::lock_guard<std::mutex> lock(mutex);
          done.emplace_back(tasks[i]->key, std::move(*outcome));
        }
      }
    };
    try {
      parallel_for_watched({tasks.size(), 1, options_.jobs}, work, [&] {
        keep();
        if (options_.progress) {
          options_.progress(progress);
        }
      });
    } catch (...) {
      keep();
      store_.commit();
      throw;
    }
  }

  const SearchOptions& options_;
  SweepStore store_;
  std::optional<SweepStore> other_;
};

class SearchRun {
 public:
  SearchRun(const Search& search, const std::string& folder, const SearchOptions& options)
      : search_(search),
        source_(search),
        computed_(search, options.make_network, options.libraries),
        folder_(folder),
        points_(folder_, search.digest, options) {}

  SearchOutcome run() {
    outcome_.space = source_.space();
    outcome_.is_whole = source_.is_whole();
    outcome_.filters.resize(search_.filters.size());
    look_at_candidates();
    measure_others();
    score();
    rank();
    train();
    write();
    return std::move(outcome_);
  }

 private:
  /// Batches are the same whatever the number of jobs, so that candidates are, too.
  void look_at_candidates() {
    constexpr std::uint64_t batch = 64;
    std::uint64_t passed = 0;
    while (passed < search_.config.samples && outcome_.candidates.size() < search_.draws) {
      const std::uint64_t left = search_.draws - outcome_.candidates.size();
      std::vector<Genotype> drawn = source_.next(static_cast<std::size_t>(std::min(batch, left)));
      if (drawn.empty()) {
        break;
      }
      std::vector<Candidate> candidates;
      for (Genotype& genotype : drawn) {
        Candidate& each = candidates.emplace_back();
        each.parameters = computed_.parameters(genotype);
        each.multiply_accumulates = computed_.products(genotype);
        each.machines.resize(search_.machines.size());
        each.genotype = std::move(genotype);
      }
      for (std::size_t filter = 0; filter < search_.filters.size(); ++filter) {
        apply(filter, candidates);
      }
      passed = take(std::move(candidates), passed);
    }
    if (passed == 0) {
      refuse_all();
    }
  }

  /// Until there are enough; what a batch has beyond them counts nowhere.
  std::uint64_t take(std::vector<Candidate> candidates, std::uint64_t passed) {
    for (Candidate& each : candidates) {
      if (passed == search_.config.samples) {
        break;
      }
      for (std::size_t filter = 0; filter < each.looked_at_by; ++filter) {
        ++outcome_.filters[filter].looked_at;
      }
      if (each.rejected_by) {
        ++outcome_.filters[*each.rejected_by].rejected;
      }
      passed += each.passed() ? 1 : 0;
      outcome_.candidates.push_back(std::move(each));
    }
    return passed;
  }

  void apply(std::size_t position, std::vector<Candidate>& candidates) {
    const SearchFilter& filter = search_.filters[position];
    const std::vector<Candidate*> left = passed(candidates);
    if (filter.subject == SearchFilter::Subject::machine) {
      measure(filter.machine, left);
    }
    for (Candidate* each : left) {
      ++each->looked_at_by;
      if (each->failure.empty() && !passes(filter, *each)) {
        each->rejected_by = position;
      }
    }
  }

  static bool passes(const SearchFilter& filter, const Candidate& candidate) {
    switch (filter.subject) {
      case SearchFilter::Subject::parameters:
        return filter.constraint.holds(static_cast<double>(candidate.parameters));
      case SearchFilter::Subject::multiply_accumulates:
        return filter.constraint.holds(static_cast<double>(candidate.multiply_accumulates));
      case SearchFilter::Subject::machine:
        break;
    }
    return filter.passes(*candidate.machines[filter.machine]);
  }

  /// Those that this machine has not been asked about yet.
  void measure(std::size_t machine, std::vector<Candidate*> candidates) {
    candidates.erase(
        std::remove_if(candidates.begin(), candidates.end(),
                       [&](const Candidate* each) { return each->machines[machine].has_value(); }),
        candidates.end());
    std::vector<Task> tasks;
    for (const Candidate* each : candidates) {
      const Genotype& genotype = each->genotype;
      tasks.push_back({computed_.measure_key(machine, genotype),
                       [this, machine, &genotype](const std::function<bool()>& stop) {
                         return stop() ? std::nullopt
                                       : std::optional<PointOutcome>(computed_.measure(machine, genotype));
                       }});
    }
    points_.complete(tasks, {"candidates", outcome_.candidates.size(), search_.draws});
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const PointOutcome found = points_.get(tasks[i].key);
      if (found.failed()) {
        candidates[i]->failure = search_.machines[machine].name + ": " + found.error;
      } else {
        candidates[i]->machines[machine] = CandidatePoints::read_figures(found);
      }
    }
  }

  static std::vector<Candidate*> passed(std::vector<Candidate>& candidates) {
    std::vector<Candidate*> left;
    for (Candidate& each : candidates) {
      if (each.passed()) {
        left.push_back(&each);
      }
    }
    return left;
  }
  std::vector<Candidate*> passed() { return passed(outcome_.candidates); }

  /// Machines that no filter has asked, for those that passed. What one does not run, another may.
  void measure_others() {
    for (std::size_t machine = 0; machine < search_.machines.size(); ++machine) {
      measure(machine, passed());
    }
    if (passed().empty()) {
      refuse_all();
    }
  }

  void score() {
    if (search_.config.score == SearchScore::random) {
      return;
    }
    std::vector<Candidate*> left = passed();
    std::vector<Task> tasks;
    for (const Candidate* each : left) {
      const Genotype& genotype = each->genotype;
      tasks.push_back({computed_.score_key(genotype), [this, &genotype](const std::function<bool()>& stop) {
                         return stop() ? std::nullopt
                                       : std::optional<PointOutcome>(computed_.score(genotype));
                       }});
    }
    points_.complete(tasks, {"scores", 0, tasks.size()});
    for (std::size_t i = 0; i < left.size(); ++i) {
      const PointOutcome found = points_.get(tasks[i].key);
      if (found.failed()) {
        left[i]->failure = "score: " + found.error;
      } else {
        left[i]->scores = CandidatePoints::read_scores(found);
      }
    }
    if (passed().empty()) {
      refuse_all();
    }
  }

  /// Not a number ranks last.
  double value_of(const Candidate& candidate) const {
    double value = 0.0;
    switch (search_.config.score) {
      case SearchScore::fisher:
        value = candidate.scores->fisher;
        break;
      case SearchScore::naswot:
        value = candidate.scores->naswot;
        break;
      case SearchScore::gradient_norm:
        value = candidate.scores->gradient_norm;
        break;
      case SearchScore::random:
        break;
    }
    return std::isnan(value) ? -std::numeric_limits<double>::infinity() : value;
  }

  /// So many of a list in random order, by the seed.
  static void shuffle(std::vector<std::size_t>& positions, std::uint64_t seed) {
    boost::random::mt19937_64 random(seed);
    for (std::size_t i = 0; i + 1 < positions.size(); ++i) {
      boost::random::uniform_int_distribution<std::size_t> rest(i, positions.size() - 1);
      std::swap(positions[i], positions[rest(random)]);
    }
  }

  void rank() {
    std::vector<std::size_t>& ranking = outcome_.ranking;
    for (std::size_t i = 0; i < outcome_.candidates.size(); ++i) {
      if (outcome_.candidates[i].passed()) {
        ranking.push_back(i);
      } else {
        outcome_.failed += outcome_.candidates[i].failure.empty() ? 0 : 1;
      }
    }
    if (search_.config.training) {
      std::vector<std::size_t> drawn = ranking;
      shuffle(drawn, search_.config.seed + 1);
      drawn.resize(std::min<std::size_t>(drawn.size(), search_.config.training->random));
      for (const std::size_t each : drawn) {
        outcome_.candidates[each].is_random = true;
      }
    }
    if (search_.config.score == SearchScore::random) {
      shuffle(ranking, search_.config.seed + 2);
    } else {
      std::stable_sort(ranking.begin(), ranking.end(), [&](std::size_t a, std::size_t b) {
        return value_of(outcome_.candidates[a]) > value_of(outcome_.candidates[b]);
      });
    }
    for (std::size_t i = 0; i < ranking.size(); ++i) {
      outcome_.candidates[ranking[i]].rank = i + 1;
    }
  }

  void train() {
    if (!search_.config.training) {
      return;
    }
    std::vector<Candidate*> chosen;
    for (Candidate& each : outcome_.candidates) {
      if (each.rank && (*each.rank <= search_.config.training->top || each.is_random)) {
        chosen.push_back(&each);
      }
    }
    std::vector<Task> tasks;
    for (const Candidate* each : chosen) {
      const Genotype& genotype = each->genotype;
      tasks.push_back({computed_.train_key(genotype), [this, &genotype](const std::function<bool()>& stop) {
                         return computed_.train(genotype, stop);
                       }});
    }
    points_.complete(tasks, {"trainings", 0, tasks.size()});
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      const PointOutcome found = points_.get(tasks[i].key);
      if (found.failed()) {
        chosen[i]->failure = "training: " + found.error;
      } else {
        chosen[i]->trained = CandidatePoints::read_trained(found);
      }
    }
  }

  [[noreturn]] void refuse_all() const {
    std::string wrong = fmt::format("none of {} candidates passes", outcome_.candidates.size());
    for (std::size_t i = 0; i < search_.filters.size(); ++i) {
      if (outcome_.filters[i].rejected > 0) {
        wrong +=
            fmt::format(", {} fail {}", outcome_.filters[i].rejected, search_.filters[i].constraint.text);
      }
    }
    for (const Candidate& each : outcome_.candidates) {
      if (!each.failure.empty()) {
        wrong += "; the first that cannot be run: " + each.failure;
        break;
      }
    }
    throw ConfigurationError({{}, 0, "search.filters"}, wrong, "wider filters, or more draws");
  }

  void write() {
    for (std::size_t i = 0; i < outcome_.candidates.size(); ++i) {
      const Candidate& each = outcome_.candidates[i];
      if (each.trained) {
        write_trained(
            search_,
            computed_.trained_network(each.genotype, points_.get(computed_.train_key(each.genotype))), i,
            folder_.path());
      }
    }
    write_results(search_, outcome_, folder_);
  }

  const Search& search_;
  CandidateSource source_;
  CandidatePoints computed_;
  const SweepFolder folder_;
  Points points_;
  SearchOutcome outcome_;
};

}  // namespace

SearchOutcome run_search(const Search& search, const std::string& folder, const SearchOptions& options) {
  return SearchRun(search, folder, options).run();
}

}  // namespace lacuna
