#include "sim/search/run/search_points.h"

#include <chrono>
#include <mutex>
#include <set>
#include <utility>

#include "models/common/parallel_for.h"
#include "sim/sweep/join_stores.h"

namespace lacuna {

namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

bool Hands::are_for(const SearchTask& task) const {
  const bool is_own = whose == Whose::own_shard && (task.shard == 0 || task.shard == shard.index);
  return whose == Whose::all || is_own;
}

SearchPoints::SearchPoints(const SweepFolder& folder, const std::string& identity,
                           const SearchOptions& options, Hands hands)
    : options_(options),
      hands_(hands),
      identity_(identity),
      folder_(folder),
      store_(folder.file(sweep_store_file), identity) {
  if (!options.reuse.empty()) {
    other_.emplace(options.reuse + "/" + sweep_store_file, "", SweepStore::Access::any_sweep);
  }
}

std::uint64_t SearchPoints::join(const std::vector<std::string>& folders,
                                 const std::function<void()>& pulse) {
  JoinHooks hooks;
  hooks.pulse = pulse;
  hooks.name = [](const std::string&) { return std::string("a candidate"); };
  hooks.difference = [](const PointOutcome&, const PointOutcome&) {
    return std::string("figures, scores or weights");
  };
  return join_stores(folders, identity_, folder_, store_, hooks);
}

void SearchPoints::complete(const std::vector<SearchTask>& tasks, SearchProgress progress) {
  std::vector<const SearchTask*> missing;
  std::set<std::string> seen;  // candidates that differ elsewhere may share a point
  for (const SearchTask& task : tasks) {
    if (!hands_.are_for(task) || !seen.insert(task.key).second) {
      continue;
    }
    if (find(task.key)) {
      ++kept_;
    } else {
      missing.push_back(&task);
    }
  }
  progress.done += tasks.size() - missing.size();
  if (!missing.empty()) {
    compute(missing, progress);
  }
  store_.commit();
}

std::optional<PointOutcome> SearchPoints::get(const std::string& key) const {
  std::optional<PointOutcome> found = store_.get(key);
  return found || !other_ ? found : other_->get(key);
}

bool SearchPoints::find(const std::string& key) {
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

void SearchPoints::compute(const std::vector<const SearchTask*>& tasks, SearchProgress progress) {
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
    computed_ += now.size();
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

}  // namespace lacuna
