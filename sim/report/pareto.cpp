#include "sim/report/pareto.h"

#include <algorithm>
#include <cmath>

namespace lacuna {
namespace {

bool has_nan(const std::vector<double>& values) {
  return std::any_of(values.begin(), values.end(), [](double value) { return std::isnan(value); });
}

}  // namespace

bool dominates(const std::vector<double>& a, const std::vector<double>& b) {
  bool smaller = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) {
      return false;
    }
    smaller = smaller || a[i] < b[i];
  }
  return smaller;
}

/// In lexicographic order only earlier vectors can dominate later ones.
std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& values) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!has_nan(values[i])) {
      order.push_back(i);
    }
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<std::size_t> front;
  for (const std::size_t candidate : order) {
    // Of two values the last member has the least second one, so that no other member dominates more.
    const bool last_decides = values[candidate].size() <= 2 && !front.empty();
    const auto first = last_decides ? front.end() - 1 : front.begin();
    const bool dominated = std::any_of(
        first, front.end(), [&](std::size_t member) { return dominates(values[member], values[candidate]); });
    if (!dominated) {
      front.push_back(candidate);
    }
  }
  std::sort(front.begin(), front.end());
  return front;
}

}  // namespace lacuna
