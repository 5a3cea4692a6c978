#include "sim/report/pareto.h"

#include <algorithm>
#include <numeric>

namespace lacuna {

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
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<std::size_t> front;
  for (const std::size_t candidate : order) {
    const bool dominated = std::any_of(front.begin(), front.end(), [&](std::size_t member) {
      return dominates(values[member], values[candidate]);
    });
    if (!dominated) {
      front.push_back(candidate);
    }
  }
  std::sort(front.begin(), front.end());
  return front;
}

}  // namespace lacuna
