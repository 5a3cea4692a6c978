#include "sim/data/import/kmeans.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>

#include "models/common/error.h"
#include "sim/data/import/optimal_clusters.h"
#include "sim/data/import/sorted_weights.h"

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

void check_options(const KmeansOptions& options) {
  if (options.shared_values < 1 || options.shared_values > 255) {
    throw ConfigurationError({"", 0, "shared_values"}, std::to_string(options.shared_values), "1 to 255");
  }
  if (options.max_iterations < 1) {
    throw ConfigurationError({"", 0, "max_iterations"}, "0", "at least 1");
  }
}

std::vector<float> nonzeros_of(const std::vector<float>& weights) {
  std::vector<float> nonzeros;
  nonzeros.reserve(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!std::isfinite(weights[i])) {
      throw InputDataError({"", 0, "weights"}, "element " + std::to_string(i) + " is not a finite number",
                           "finite numbers");
    }
    if (weights[i] != 0.0F) {
      nonzeros.push_back(weights[i]);
    }
  }
  return nonzeros;
}

/// The distinct values among sorted ones, or the first `most` of them.
std::vector<float> first_distinct(const std::vector<float>& sorted, std::size_t most) {
  std::vector<float> distinct;
  for (const float value : sorted) {
    if (distinct.empty() || distinct.back() != value) {
      if (distinct.size() == most) {
        break;
      }
      distinct.push_back(value);
    }
  }
  return distinct;
}

/// The mean of `count` weights, or a start: `sum` units over `count`.
struct Centroid {
  WideInteger sum = 0;
  std::int64_t count = 1;
};

/// The largest number of units that is nearer to `a` than to `b`, or midway; a <= b.
WideInteger midway(const Centroid& a, const Centroid& b) {
  const WideInteger numerator = a.sum * b.count + b.sum * a.count;
  const WideInteger denominator = WideInteger{2} * a.count * b.count;
  const WideInteger quotient = numerator / denominator;
  return numerator % denominator < 0 ? quotient - 1 : quotient;
}

/// Lloyd's algorithm on sorted weights, of which more are distinct than there are clusters. A division is a
/// list of positions: cluster k holds those from element k to element k + 1, that one excluded.
class Lloyd {
 public:
  using Division = std::vector<std::size_t>;

  Lloyd(const SortedWeights& weights, const KmeansOptions& options) : weights_(weights), options_(options) {}

  /// Fills the codebook, iterations and `settled`.
  void run(SharedWeights& shared) {
    start();
    settle(shared);
    for (const Centroid& centroid : centroids_) {
      shared.codebook.push_back(static_cast<float>(weights_.mean(centroid.sum, centroid.count)));
    }
    // Weights so near each other that they are the same integer need no second value.
    shared.codebook.resize(std::size_t{1} + options_.shared_values, shared.codebook.back());
  }

 private:
  void start() {
    switch (options_.initialisation) {
      case CentroidInitialisation::density:
        return start_at(by_density(weights_.values(), options_.shared_values));
      case CentroidInitialisation::random:
        return start_at(random_sample(weights_.values(), options_.shared_values, options_.seed));
      case CentroidInitialisation::optimal:
        return set_means(optimal_starts(weights_, options_.shared_values));
      case CentroidInitialisation::linear:
        break;
    }
    start_at(linear(weights_.values(), options_.shared_values));
  }

  void start_at(const std::vector<double>& centroids) {
    for (const double centroid : centroids) {
      centroids_.push_back({weights_.integer_of(centroid), 1});
    }
  }

  void set_means(const Division& division) {
    centroids_.clear();
    for (std::size_t k = 0; k + 1 < division.size(); ++k) {
      centroids_.push_back({weights_.sum(division[k], division[k + 1]),
                            static_cast<std::int64_t>(division[k + 1] - division[k])});
    }
  }

  void settle(SharedWeights& shared) {
    Division last;
    for (shared.iterations = 0; shared.iterations < options_.max_iterations; ++shared.iterations) {
      Division division = nearest();
      cut_largest(division);
      if (division == last) {
        return;
      }
      set_means(division);
      last = std::move(division);
    }
    shared.settled = false;
  }

  /// Clusters that have weights.
  Division nearest() const {
    Division division = {0};
    for (std::size_t k = 1; k < centroids_.size(); ++k) {
      const std::size_t first = weights_.first_above(midway(centroids_[k - 1], centroids_[k]));
      if (first > division.back() && first < weights_.size()) {
        division.push_back(first);
      }
    }
    division.push_back(weights_.size());
    return division;
  }

  /// Cuts clusters in two until there are as many as there should be.
  void cut_largest(Division& division) const {
    if (division.size() > options_.shared_values) {
      return;
    }
    std::vector<double> errors;
    for (std::size_t k = 0; k + 1 < division.size(); ++k) {
      errors.push_back(error_of(division[k], division[k + 1]));
    }
    while (division.size() <= options_.shared_values) {
      const auto largest = std::max_element(errors.begin(), errors.end());
      if (*largest < 0.0) {
        return;
      }
      const auto k = static_cast<std::size_t>(largest - errors.begin());
      const auto count = static_cast<std::int64_t>(division[k + 1] - division[k]);
      const Centroid mean{weights_.sum(division[k], division[k + 1]), count};
      const std::size_t cut = weights_.first_above(midway(mean, mean));
      division.insert(division.begin() + static_cast<std::ptrdiff_t>(k + 1), cut);
      errors[k] = error_of(division[k], cut);
      errors.insert(errors.begin() + static_cast<std::ptrdiff_t>(k + 1), error_of(cut, division[k + 2]));
    }
  }

  /// Negative where there is nothing to cut.
  double error_of(std::size_t begin, std::size_t end) const {
    return weights_.integer(begin) == weights_.integer(end - 1) ? -1.0 : weights_.squared_error(begin, end);
  }

  const SortedWeights& weights_;
  const KmeansOptions& options_;
  std::vector<Centroid> centroids_;
};

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
  return centroid_initialisation_names.begin()[static_cast<std::size_t>(initialisation)];
}

SharedWeights share_weights(const std::vector<float>& weights, const KmeansOptions& options) {
  check_options(options);
  SharedWeights shared;
  shared.codebook = {0.0F};
  std::vector<float> nonzeros = nonzeros_of(weights);
  if (nonzeros.empty()) {
    nonzeros = {0.0F};  // a codebook has at least one shared value, if only a zero
  }
  const SortedWeights sorted(std::move(nonzeros));
  const std::vector<float> distinct = first_distinct(sorted.values(), std::size_t{1} + options.shared_values);
  if (distinct.size() <= options.shared_values) {
    shared.codebook.insert(shared.codebook.end(), distinct.begin(), distinct.end());
  } else {
    if (options.initialisation == CentroidInitialisation::optimal &&
        !has_room_for_optimum(sorted, options.shared_values)) {
      throw ConfigurationError({"", 0, "initialisation"},
                               "the weights have too many distinct values for the optimal codebook",
                               "2^23, and 2^27 over the number of shared values; density comes near");
    }
    Lloyd(sorted, options).run(shared);
  }
  assign(weights, shared);
  return shared;
}

bool can_share_optimally(const std::vector<float>& weights, const KmeansOptions& options) {
  std::vector<float> nonzeros = nonzeros_of(weights);
  return nonzeros.empty() || has_room_for_optimum(SortedWeights(std::move(nonzeros)), options.shared_values);
}

}  // namespace lacuna
