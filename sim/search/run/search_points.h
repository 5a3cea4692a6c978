#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/search/run/run_search.h"
#include "sim/sweep/sweep_folder.h"

namespace lacuna {

/// A thing to compute, under which key it is kept, and whose it is.
struct SearchTask {
  std::string key;
  std::uint64_t shard = 0;  ///< from 1; 0: all need it
  std::function<std::optional<PointOutcome>(const std::function<bool()>& stop)> compute;
};

/// Who computes what is missing.
struct Hands {
  enum class Whose { all, own_shard, none };

  Whose whose = Whose::all;
  Shard shard;  ///< own_shard: this one; none: the count alone

  /// What all need is computed by all.
  bool are_for(const SearchTask& task) const;
};

/// The store of a search's folder, and who fills it.
class SearchPoints {
 public:
  /// `folder` and `options` outlive it.
  SearchPoints(const SweepFolder& folder, const std::string& identity, const SearchOptions& options,
               Hands hands);

  /// Takes the points of other folders over; returns how many it did not have. Throws as join_stores.
  std::uint64_t join(const std::vector<std::string>& folders, const std::function<void()>& pulse);

  /// Has all tasks in the store that these hands are for. `progress.done` of its total are done already.
  void complete(const std::vector<SearchTask>& tasks, SearchProgress progress);

  /// Empty where it is another shard's and not here.
  std::optional<PointOutcome> get(const std::string& key) const;

  std::uint64_t computed() const { return computed_; }
  std::uint64_t kept() const { return kept_; }

 private:
  bool find(const std::string& key);
  void compute(const std::vector<const SearchTask*>& tasks, SearchProgress progress);

  const SearchOptions& options_;
  const Hands hands_;
  const std::string identity_;
  const SweepFolder& folder_;
  SweepStore store_;
  std::optional<SweepStore> other_;
  std::uint64_t computed_ = 0;
  std::uint64_t kept_ = 0;  ///< of tasks that these hands are for
};

}  // namespace lacuna
