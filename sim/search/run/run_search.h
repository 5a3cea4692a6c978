#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/search/run/candidate_points.h"
#include "sim/search/run/candidates.h"
#include "sim/search/run/search_file.h"
#include "sim/sweep/shard.h"

namespace lacuna {

/// Where a search stands, for whoever waits.
struct SearchProgress {
  const char* doing = "";  ///< "candidates", "scores", "trainings"
  std::uint64_t done = 0;
  std::uint64_t total = 0;
};

struct SearchOptions {
  unsigned jobs = 1;  ///< threads; each computes one thing of one candidate at a time
  std::string reuse;  ///< folder of another search, of which equal points are taken; empty: none
  NetworkMaker make_network;
  std::string libraries;  ///< that the maker computes with, versions and what they run on
  /// Called about 20 times a second; may throw to stop the search, which keeps what is done.
  std::function<void(const SearchProgress&)> progress;
  std::function<bool()> stop;  ///< asked often while networks are trained
};

/// What a search knows of one candidate.
struct Candidate {
  Genotype genotype;
  std::uint64_t parameters = 0;
  std::uint64_t multiply_accumulates = 0;
  std::vector<std::optional<MachineFigures>> machines;  ///< of each machine; empty where it was not asked
  std::size_t looked_at_by = 0;                         ///< filters, the first ones
  std::optional<std::size_t> rejected_by;               ///< position in Search::filters
  std::string failure;                                  ///< of a machine, the score or the training
  std::optional<NetworkScores> scores;
  std::optional<std::size_t> rank;  ///< from 1, by the search's score, among those that passed
  bool is_random = false;           ///< drawn to be trained for comparison
  bool is_best = false;             ///< to be trained for its rank
  std::optional<TrainedFigures> trained;
  std::uint64_t shard = 0;  ///< that measures and scores it, from 1; 0 where nobody has to
  bool unknown = false;     ///< another shard's, and not here yet

  bool passed() const { return !rejected_by && failure.empty() && !unknown; }
};

/// How many candidates a filter has looked at, and rejected.
struct FilterTally {
  std::uint64_t looked_at = 0;
  std::uint64_t rejected = 0;
};

/// What a search came to.
struct SearchOutcome {
  double space = 0.0;                 ///< networks, up to rounding
  bool is_whole = false;              ///< whether all of them were looked at
  std::vector<Candidate> candidates;  ///< in the order in which they were looked at
  std::vector<FilterTally> filters;   ///< of Search::filters
  std::uint64_t failed = 0;           ///< candidates that a machine does not run, or that could not be scored
  std::vector<std::size_t> ranking;   ///< positions in `candidates`, the best first
};

/// What of a search was computed elsewhere, or is still to be.
struct SearchRest {
  enum class Of { nothing, candidates, trainings };

  Of of = Of::nothing;
  /// Of each shard with something missing: how many candidates or trainings.
  std::vector<std::pair<Shard, std::uint64_t>> missing;

  std::uint64_t count() const;
};

/// What a shard of a search came to.
struct SearchShardSummary {
  Shard shard;
  std::uint64_t computed =
      0;                   ///< points that were computed now: a candidate on a machine, a score, a training
  std::uint64_t kept = 0;  ///< its own that were there before
  SearchRest rest;         ///< of all shards
};

/// What joining shards of a search came to.
struct SearchMergeSummary {
  std::uint64_t added = 0;  ///< points that the folder did not have
  SearchRest rest;
  SearchOutcome outcome;  ///< where nothing is missing
};

/// Looks at candidates until enough have passed the filters, scores these, trains the best and some at
/// random, and writes into `folder`: results.csv (a line for each candidate), results.json (what was
/// searched, filters, the best), and the networks that were trained, `network-N` by the candidates' numbers.
/// All points are kept in the folder's store, the sweep's (sweep_folder.h): a search that was interrupted
/// goes on from there, and comes to the same bytes, as with any number of jobs. Throws Lacuna's errors: for a
/// folder that is in use or something else's, inputs that cannot be read, and when no candidate passes.
SearchOutcome run_search(const Search& search, const std::string& folder, const SearchOptions& options);

/// Computes a part of a search and writes no results: merge_searches joins the parts. All shards look at the
/// same candidates; those that counted filters leave are dealt by their multiply-accumulates (ShardDealer). A
/// shard goes on while less than enough candidates have passed, as far as it knows: others' that are not in
/// the folder to reuse are taken to pass as often as those that are known. Where candidates and scores of all
/// are known, by the folder to reuse, it trains its part of the networks. Throws as run_search.
SearchShardSummary run_search_shard(const Search& search, const std::string& folder,
                                    const SearchOptions& options, const ShardRecord& record);

/// Joins shards of a search in the store of `out`; where nothing is missing it writes the results there, the
/// same bytes as those of run_search. Computes nothing. `record`: what the shards have in common. Throws as
/// run_search and join_stores.
SearchMergeSummary merge_searches(const Search& search, const std::vector<std::string>& folders,
                                  const std::string& out, const SearchOptions& options,
                                  const CommonRecord& record);

}  // namespace lacuna
