#include "sim/data/import/kmeans.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>

#include "models/common/error.h"

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

/// Initial centroids, ascending, `options.shared_values` of them. `sorted` holds the weights in ascending
/// order and more distinct values than there are centroids.
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

void check_options(const KmeansOptions& options) {
  if (options.shared_values < 1 || options.shared_values > 255) {
    throw ConfigurationError({"", 0, "shared_values"}, std::to_string(options.shared_values), "1 to 255");
  }
  if (options.max_iterations < 1) {
    throw ConfigurationError({"", 0, "max_iterations"}, "0", "at least 1");
  }
}

std::vector<float> sorted_nonzeros(const std::vector<float>& weights) {
  std::vector<float> sorted;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!std::isfinite(weights[i])) {
      throw InputDataError({"", 0, "weights"}, "element " + std::to_string(i) + " is not a finite number",
                           "finite numbers");
    }
    if (weights[i] != 0.0F) {
      sorted.push_back(weights[i]);
    }
  }
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

/// First sorted weight of each cluster: cluster k holds sorted[starts[k]] to sorted[starts[k + 1] - 1]. A
/// weight belongs to the nearest centroid, midway to the smaller one.
std::vector<std::size_t> cluster_starts(const std::vector<float>& sorted,
                                        const std::vector<double>& centroids) {
  std::vector<std::size_t> starts(centroids.size() + 1, 0);
  for (std::size_t k = 1; k < centroids.size(); ++k) {
    const double midway = centroids[k - 1] + (centroids[k] - centroids[k - 1]) / 2.0;
    const auto first = std::upper_bound(sorted.begin(), sorted.end(), midway, [](double limit, float weight) {
      return limit < static_cast<double>(weight);
    });
    starts[k] = static_cast<std::size_t>(first - sorted.begin());
  }
  starts.back() = sorted.size();
  return starts;
}

/// Mean of a cluster; never outside the cluster's range, so that centroids stay in order whatever the
/// rounding.
double mean(const std::vector<float>& sorted, std::size_t start, std::size_t end) {
  double sum = 0.0;
  for (std::size_t i = start; i < end; ++i) {
    sum += static_cast<double>(sorted[i]);
  }
  return std::clamp(sum / static_cast<double>(end - start), static_cast<double>(sorted[start]),
                    static_cast<double>(sorted[end - 1]));
}

/// Lloyd's algorithm; returns the number of iterations and leaves the result in `centroids`.
std::uint32_t settle(const std::vector<float>& sorted, std::vector<double>& centroids,
                     std::uint32_t max_iterations) {
  std::vector<std::size_t> last;
  for (std::uint32_t iteration = 1; iteration <= max_iterations; ++iteration) {
    const std::vector<std::size_t> starts = cluster_starts(sorted, centroids);
    if (starts == last) {
      return iteration - 1;
    }
    for (std::size_t k = 0; k < centroids.size(); ++k) {
      const bool same = !last.empty() && starts[k] == last[k] && starts[k + 1] == last[k + 1];
      if (!same && starts[k] < starts[k + 1]) {
        centroids[k] = mean(sorted, starts[k], starts[k + 1]);
      }
    }
    last = starts;
  }
  return max_iterations;
}

/// Codes of all weights for the final codebook, and the error.
void assign(const std::vector<float>& weights, SharedWeights& shared) {
  const std::vector<double> values(shared.codebook.begin() + 1, shared.codebook.end());
  double squares = 0.0;
  std::uint64_t nonzeros = 0;
  shared.codes.reserve(weights.size());
  for (const float weight : weights) {
    if (weight == 0.0F) {
      shared.codes.push_back(0);
      continue;
    }
    const double real = static_cast<double>(weight);
    auto above = std::lower_bound(values.begin(), values.end(), real);
    if (above == values.end() || (above != values.begin() && real - *(above - 1) <= *above - real)) {
      --above;
    }
    shared.codes.push_back(static_cast<std::uint8_t>(above - values.begin() + 1));
    squares += (real - *above) * (real - *above);
    ++nonzeros;
  }
  shared.mean_squared_error = nonzeros == 0 ? 0.0 : squares / static_cast<double>(nonzeros);
}

}  // namespace

const char* name_of(CentroidInitialisation initialisation) {
  switch (initialisation) {
    case CentroidInitialisation::density:
      return "density";
    case CentroidInitialisation::random:
      return "random";
    case CentroidInitialisation::linear:
      break;
  }
  return "linear";
}

SharedWeights share_weights(const std::vector<float>& weights, const KmeansOptions& options) {
  check_options(options);
  const std::vector<float> sorted = sorted_nonzeros(weights);
  std::vector<float> distinct = sorted;
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  SharedWeights shared;
  shared.codebook = {0.0F};
  if (distinct.empty()) {
    distinct = {0.0F};  // a codebook has at least one shared value, if only a zero
  }
  if (distinct.size() <= options.shared_values) {
    shared.codebook.insert(shared.codebook.end(), distinct.begin(), distinct.end());
  } else {
    std::vector<double> centroids = initial_centroids(sorted, options);
    shared.iterations = settle(sorted, centroids, options.max_iterations);
    for (const double centroid : centroids) {
      shared.codebook.push_back(static_cast<float>(centroid));
    }
  }
  assign(weights, shared);
  return shared;
}

}  // namespace lacuna
