#include "sim/report/pareto.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace lacuna {
namespace {

bool has_nan(const std::vector<double>& values) {
  return std::any_of(values.begin(), values.end(), [](double value) { return std::isnan(value); });
}

using Vectors = std::vector<const std::vector<double>*>;

/// Of vectors that are all different, in lexicographic order: `a` dominates `b` when it is nowhere larger.
class FrontFinder {
 public:
  explicit FrontFinder(std::size_t size) : size_(size) {}

  Vectors front(const Vectors& sorted) const { return front(sorted.begin(), sorted.end()); }

 private:
  using Iterator = Vectors::const_iterator;

  /// Only earlier ones can dominate later ones, and their first value is nowhere larger.
  Vectors front(Iterator begin, Iterator end) const {
    if (end - begin <= 1) {
      return {begin, end};
    }
    const Iterator middle = begin + (end - begin) / 2;
    Vectors members = front(begin, middle);
    const Vectors others = undominated(members, front(middle, end), 1);
    members.insert(members.end(), others.begin(), others.end());
    return members;
  }

  /// Those of `candidates` that in the values from `k` on are somewhere smaller than each of `members`, whose
  /// values before `k` are nowhere larger than theirs.
  Vectors undominated(const Vectors& members, Vectors candidates, std::size_t k) const {
    if (members.empty() || candidates.empty()) {
      return candidates;
    }
    if (k == size_) {
      return {};
    }
    constexpr std::size_t few_pairs = 256;
    if (k + 1 == size_) {
      return by_last_value(members, std::move(candidates));
    }
    if (members.size() * candidates.size() <= few_pairs) {
      return by_pairs(members, std::move(candidates), k);
    }
    if (k + 2 == size_) {
      return by_two_values(members, std::move(candidates));
    }
    return by_parts(members, candidates, k);
  }

  Vectors by_last_value(const Vectors& members, Vectors candidates) const {
    double least = std::numeric_limits<double>::infinity();
    for (const auto* member : members) {
      least = std::min(least, member->back());
    }
    const auto is_dominated = [&](const auto* candidate) { return candidate->back() >= least; };
    candidates.erase(std::remove_if(candidates.begin(), candidates.end(), is_dominated), candidates.end());
    return candidates;
  }

  Vectors by_pairs(const Vectors& members, Vectors candidates, std::size_t k) const {
    const auto is_dominated = [&](const auto* candidate) {
      return std::any_of(members.begin(), members.end(), [&](const auto* member) {
        bool nowhere_larger = true;
        for (std::size_t i = k; i < size_; ++i) {
          nowhere_larger = nowhere_larger && (*member)[i] <= (*candidate)[i];
        }
        return nowhere_larger;
      });
    };
    candidates.erase(std::remove_if(candidates.begin(), candidates.end(), is_dominated), candidates.end());
    return candidates;
  }

  /// Of the members whose last value but one is not larger, the one with the least last value decides.
  Vectors by_two_values(Vectors members, Vectors candidates) const {
    const std::size_t k = size_ - 2;
    const auto by_value = [k](const auto* a, const auto* b) { return (*a)[k] < (*b)[k]; };
    std::sort(members.begin(), members.end(), by_value);
    std::sort(candidates.begin(), candidates.end(), by_value);
    Vectors left;
    bool any = false;
    double least = 0.0;
    auto member = members.begin();
    for (const auto* candidate : candidates) {
      for (; member != members.end() && (**member)[k] <= (*candidate)[k]; ++member) {
        least = any ? std::min(least, (*member)->back()) : (*member)->back();
        any = true;
      }
      if (!any || candidate->back() < least) {
        left.push_back(candidate);
      }
    }
    return left;
  }

  struct Parts {
    Vectors below, equal, above;
  };
  static Parts parts_of(const Vectors& vectors, std::size_t k, double pivot) {
    Parts parts;
    for (const auto* vector : vectors) {
      const double value = (*vector)[k];
      (value < pivot ? parts.below : value == pivot ? parts.equal : parts.above).push_back(vector);
    }
    return parts;
  }

  static double median(const Vectors& members, const Vectors& candidates, std::size_t k) {
    std::vector<double> values;
    for (const auto* vectors : {&members, &candidates}) {
      for (const auto* vector : *vectors) {
        values.push_back((*vector)[k]);
      }
    }
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
  }

  /// Between a lower and a higher part value k is decided; within the outer parts, each at most half, it is
  /// not.
  Vectors by_parts(const Vectors& members, const Vectors& candidates, std::size_t k) const {
    const double pivot = median(members, candidates, k);
    const Parts of = parts_of(members, k, pivot);
    Parts left = parts_of(candidates, k, pivot);
    left.below = undominated(of.below, std::move(left.below), k);
    left.equal = undominated(of.below, std::move(left.equal), k + 1);
    left.equal = undominated(of.equal, std::move(left.equal), k + 1);
    left.above = undominated(of.below, std::move(left.above), k + 1);
    left.above = undominated(of.equal, std::move(left.above), k + 1);
    left.above = undominated(of.above, std::move(left.above), k);
    Vectors all = std::move(left.below);
    all.insert(all.end(), left.equal.begin(), left.equal.end());
    all.insert(all.end(), left.above.begin(), left.above.end());
    return all;
  }

  std::size_t size_;  ///< of each vector
};

}  // namespace

std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& values) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!has_nan(values[i])) {
      order.push_back(i);
    }
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  Vectors different;
  for (const std::size_t position : order) {
    if (different.empty() || *different.back() != values[position]) {
      different.push_back(&values[position]);
    }
  }
  if (different.empty()) {
    return {};
  }
  Vectors members = FrontFinder(different.front()->size()).front(different);
  std::sort(members.begin(), members.end(), [](const auto* a, const auto* b) { return *a < *b; });
  std::vector<std::size_t> front;
  auto member = members.begin();
  for (const std::size_t position : order) {
    while (member != members.end() && **member < values[position]) {
      ++member;
    }
    if (member != members.end() && **member == values[position]) {
      front.push_back(position);
    }
  }
  std::sort(front.begin(), front.end());
  return front;
}

void FrontBuilder::add(std::uint64_t id, std::vector<double> values) {
  ids_.push_back(id);
  values_.push_back(std::move(values));
  if (ids_.size() >= limit_) {
    reduce();
    limit_ = std::max(least_limit, 2 * ids_.size());
  }
}

void FrontBuilder::reduce() {
  std::size_t kept = 0;
  for (const std::size_t position : pareto_front(values_)) {
    ids_[kept] = ids_[position];
    values_[kept] = std::move(values_[position]);
    ++kept;
  }
  ids_.resize(kept);
  values_.resize(kept);
}

std::vector<std::uint64_t> FrontBuilder::take() {
  reduce();
  values_.clear();
  limit_ = least_limit;
  return std::exchange(ids_, {});
}

}  // namespace lacuna
