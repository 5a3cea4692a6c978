#include "sim/data/import/optimal_clusters.h"

#include <limits>
#include <utility>

namespace lacuna {
namespace {

constexpr std::size_t most_distinct = std::size_t{1} << 23;
constexpr std::size_t most_cells = std::size_t{1} << 27;

/// Runs of equal weights, with sums before each of them.
class DistinctWeights {
 public:
  explicit DistinctWeights(const SortedWeights& weights) {
    Before before;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const WideInteger value = weights.coarse(weights.integer(i));
      if (i == 0 || weights.values()[i] != weights.values()[i - 1]) {
        before.value = value;
        before_.push_back(before);
      }
      before.count += 1;
      before.sum += value;
      before.squares += value * value;
    }
    before_.push_back(before);
  }

  std::size_t size() const { return before_.size() - 1; }
  /// Position of the first weight of a run among all weights.
  std::size_t start(std::size_t run) const { return static_cast<std::size_t>(before_[run].count); }
  /// Squared error of runs begin to end - 1 as one cluster.
  double cost(std::size_t begin, std::size_t end) const {
    const Before& a = before_[begin];
    const Before& b = before_[end];
    return squared_error(b.count - a.count, b.sum - a.sum, b.squares - a.squares,
                         before_[begin + (end - begin) / 2].value);
  }

 private:
  struct Before {
    WideInteger sum = 0;
    WideInteger squares = 0;
    std::int64_t count = 0;
    WideInteger value = 0;  ///< of the run itself
  };
  std::vector<Before> before_;
};

/// One row after the other: `costs_[end]` is the least cost of the runs before `end` in so many clusters.
class Rows {
 public:
  explicit Rows(const DistinctWeights& runs) : runs_(runs), costs_(runs.size() + 1), next_(runs.size() + 1) {
    for (std::size_t end = 1; end <= runs.size(); ++end) {
      costs_[end] = runs.cost(0, end);
    }
  }

  /// One cluster more; the best start of the last one for each end.
  std::vector<std::uint32_t> add_cluster() {
    ++clusters_;
    starts_.assign(runs_.size() + 1, 0);
    solve(clusters_, runs_.size(), clusters_ - 1, runs_.size() - 1);
    costs_.swap(next_);
    return std::move(starts_);
  }

 private:
  /// Ends first to last, whose best starts lie between `least` and `most`.
  void solve(std::size_t first, std::size_t last, std::size_t least, std::size_t most) {
    if (first > last) {
      return;
    }
    const std::size_t end = first + (last - first) / 2;
    double best = std::numeric_limits<double>::infinity();
    std::size_t place = least;
    for (std::size_t start = least; start <= most && start < end; ++start) {
      const double cost = costs_[start] + runs_.cost(start, end);
      if (cost < best) {
        best = cost;
        place = start;
      }
    }
    next_[end] = best;
    starts_[end] = static_cast<std::uint32_t>(place);
    solve(first, end - 1, least, place);
    solve(end + 1, last, place, most);
  }

  const DistinctWeights& runs_;
  std::size_t clusters_ = 1;
  std::vector<double> costs_;
  std::vector<double> next_;
  std::vector<std::uint32_t> starts_;
};

}  // namespace

bool has_room_for_optimum(const SortedWeights& weights, std::uint32_t clusters) {
  std::size_t distinct = 1;
  for (std::size_t i = 1; i < weights.size(); ++i) {
    distinct += weights.values()[i] != weights.values()[i - 1] ? 1 : 0;
  }
  return distinct <= most_distinct && distinct * clusters <= most_cells;
}

std::vector<std::size_t> optimal_starts(const SortedWeights& weights, std::uint32_t clusters) {
  const DistinctWeights runs(weights);
  Rows rows(runs);
  std::vector<std::vector<std::uint32_t>> starts;
  for (std::uint32_t cluster = 1; cluster < clusters; ++cluster) {
    starts.push_back(rows.add_cluster());
  }
  std::vector<std::size_t> result(clusters + 1, 0);
  std::size_t end = runs.size();
  result[clusters] = weights.size();
  for (std::size_t cluster = clusters - 1; cluster > 0; --cluster) {
    end = starts[cluster - 1][end];
    result[cluster] = runs.start(end);
  }
  return result;
}

}  // namespace lacuna
