#include "sim/data/import/centroids.h"

#include <algorithm>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>

namespace lacuna {
namespace {

std::vector<double> linear(const std::vector<float>& sorted, std::size_t count) {
  const double lowest = static_cast<double>(sorted.front());
  const double span = static_cast<double>(sorted.back()) - lowest;
  if (count == 1) {
    return {lowest + span / 2.0};
  }
  std::vector<double> centroids(count);
  for (std::size_t i = 0; i < count; ++i) {
    centroids[i] = lowest + span * (static_cast<double>(i) / static_cast<double>(count - 1));
  }
  return centroids;
}

/// The weights at the middles of `count` equal shares of the sorted weights.
std::vector<double> by_density(const std::vector<float>& sorted, std::size_t count) {
  std::vector<double> centroids(count);
  for (std::size_t i = 0; i < count; ++i) {
    centroids[i] = static_cast<double>(sorted[(2 * i + 1) * sorted.size() / (2 * count)]);
  }
  return centroids;
}

std::vector<double> random_sample(const std::vector<float>& sorted, std::size_t count, std::uint64_t seed) {
  std::vector<float> values = sorted;
  values.erase(std::unique(values.begin(), values.end()), values.end());
  boost::random::mt19937_64 engine(seed);
  for (std::size_t i = 0; i < count; ++i) {  // the first `count` steps of a Fisher-Yates shuffle
    boost::random::uniform_int_distribution<std::size_t> pick(i, values.size() - 1);
    std::swap(values[i], values[pick(engine)]);
  }
  std::sort(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count));
  return {values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace

std::vector<double> initial_centroids(const std::vector<float>& sorted, const KmeansOptions& options) {
  switch (options.initialisation) {
    case CentroidInitialisation::density:
      return by_density(sorted, options.shared_values);
    case CentroidInitialisation::random:
      return random_sample(sorted, options.shared_values, options.seed);
    case CentroidInitialisation::linear:
      break;
  }
  return linear(sorted, options.shared_values);
}

}  // namespace lacuna
