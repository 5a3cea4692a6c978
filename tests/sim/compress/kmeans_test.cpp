#include "sim/data/import/kmeans.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/data/import/sorted_weights.h"

using namespace lacuna;

namespace {

KmeansOptions options_of(std::uint32_t shared_values,
                         CentroidInitialisation initialisation = CentroidInitialisation::linear) {
  KmeansOptions options;
  options.shared_values = shared_values;
  options.initialisation = initialisation;
  return options;
}

std::vector<float> random_weights(std::uint64_t seed, std::size_t count) {
  boost::random::mt19937_64 engine(seed);
  boost::random::uniform_int_distribution<int> value(-1000, 1000);
  boost::random::uniform_int_distribution<int> kept(0, 2);
  std::vector<float> weights(count, 0.0F);
  for (float& weight : weights) {
    if (kept(engine) != 0) {
      const float uniform = static_cast<float>(value(engine)) / 1000.0F;
      weight = uniform * uniform * uniform;
    }
  }
  return weights;
}

/// Mean squared distance of the nonzero weights from the nearest shared value, by trying all.
double nearest_error(const std::vector<float>& weights, const std::vector<float>& codebook) {
  double sum = 0.0;
  int count = 0;
  for (const float weight : weights) {
    if (weight != 0.0F) {
      double least = std::numeric_limits<double>::infinity();
      for (std::size_t i = 1; i < codebook.size(); ++i) {
        least = std::min(least, std::pow(static_cast<double>(weight) - static_cast<double>(codebook[i]), 2));
      }
      sum += least;
      ++count;
    }
  }
  return count == 0 ? 0.0 : sum / count;
}

/// The least squared error of any division of the weights into so many clusters: all starts of each last
/// cluster are tried, clusters are summed weight by weight.
double least_error(std::vector<float> weights, std::size_t clusters) {
  weights.erase(std::remove(weights.begin(), weights.end(), 0.0F), weights.end());
  std::sort(weights.begin(), weights.end());
  const std::size_t count = weights.size();
  std::vector<long double> best(count + 1, std::numeric_limits<long double>::infinity());
  best[0] = 0.0L;
  for (std::size_t cluster = 0; cluster < clusters; ++cluster) {
    std::vector<long double> next(count + 1, std::numeric_limits<long double>::infinity());
    next[0] = 0.0L;
    for (std::size_t end = 1; end <= count; ++end) {
      // Welford's recurrence, from the last weight backwards.
      long double mean = 0.0L;
      long double squares = 0.0L;
      for (std::size_t start = end; start-- > 0;) {
        const long double step = static_cast<long double>(weights[start]) - mean;
        mean += step / static_cast<long double>(end - start);
        squares += step * (static_cast<long double>(weights[start]) - mean);
        next[end] = std::min(next[end], best[start] + squares);
      }
    }
    best = next;
  }
  return static_cast<double>(best[count] / static_cast<long double>(count));
}

/// Bell-shaped, with a heavy tail, and with an outlier.
std::vector<std::vector<float>> difficult_weights() {
  boost::random::mt19937_64 engine(11);
  boost::random::uniform_int_distribution<int> value(-1000, 1000);
  std::vector<float> bell(300);
  std::vector<float> tail(300);
  std::vector<float> outlier(300);
  for (std::size_t i = 0; i < bell.size(); ++i) {
    const int sum = value(engine) + value(engine) + value(engine) + value(engine);
    bell[i] = static_cast<float>(sum) / 4000.0F;
    tail[i] = std::exp(static_cast<float>(sum) / 500.0F) * (i % 2 == 0 ? 1.0F : -1.0F);
    outlier[i] = bell[i] / 100.0F;
  }
  outlier[17] = 5.0F;
  return {bell, tail, outlier};
}

}  // namespace

TEST_CASE("the optimal codebook has the least squared error of any, at every width") {
  for (const std::vector<float>& weights : difficult_weights()) {
    for (unsigned bits = 1; bits <= 8; ++bits) {
      INFO(bits << " bits");
      const std::uint32_t clusters = (1U << bits) - 1;
      const double least = least_error(weights, clusters);
      const double found =
          share_weights(weights, options_of(clusters, CentroidInitialisation::optimal)).mean_squared_error;
      // Means become float32.
      CHECK(found == Approx(least).epsilon(1e-4).margin(1e-16));
    }
  }
}

TEST_CASE("no cluster stays empty: an outlier and a heavy tail cost linear initialisation little") {
  for (const std::vector<float>& weights : difficult_weights()) {
    for (unsigned bits = 2; bits <= 6; ++bits) {
      INFO(bits << " bits");
      const std::uint32_t clusters = (1U << bits) - 1;
      const SharedWeights shared = share_weights(weights, options_of(clusters));
      CHECK(shared.settled);
      CHECK(shared.mean_squared_error < 3.0 * least_error(weights, clusters));
      for (std::uint32_t code = 1; code <= clusters; ++code) {
        CHECK(std::count(shared.codes.begin(), shared.codes.end(), code) > 0);
      }
    }
  }
}

TEST_CASE("constant and two-valued weights are exact at every width") {
  for (unsigned bits = 2; bits <= 8; ++bits) {
    for (std::size_t i = 0; i < centroid_initialisation_count; ++i) {
      const auto start = static_cast<CentroidInitialisation>(i);
      const std::uint32_t clusters = (1U << bits) - 1;
      CHECK(share_weights(std::vector<float>(50, 0.3F), options_of(clusters, start)).mean_squared_error ==
            0.0);
      const SharedWeights two = share_weights({0.5F, -2.0F, 0.5F, 0.0F}, options_of(clusters, start));
      CHECK(two.codebook == std::vector<float>{0.0F, -2.0F, 0.5F});
      CHECK(two.mean_squared_error == 0.0);
    }
  }
}

TEST_CASE("means are exact where their sums in floating point are not") {
  // In double precision 1e8 + 2^-30 loses its last bits; the mean of the two small ones must not.
  const float small = std::ldexp(1.0F, -10);
  const SharedWeights shared =
      share_weights({1e8F, small, small * 3.0F, -1e8F}, options_of(3, CentroidInitialisation::linear));
  CHECK(shared.codebook == std::vector<float>{0.0F, -1e8F, small * 2.0F, 1e8F});
}

TEST_CASE("a codebook of 255 values settles") {
  for (std::size_t i = 0; i < centroid_initialisation_count; ++i) {
    std::vector<float> weights;
    boost::random::mt19937_64 engine(21);
    for (int k = 0; k < 20000; ++k) {
      boost::random::uniform_int_distribution<int> value(-100000, 100000);
      weights.push_back(static_cast<float>(value(engine) + value(engine) + value(engine)) / 3e5F);
    }
    const SharedWeights shared =
        share_weights(weights, options_of(255, static_cast<CentroidInitialisation>(i)));
    CHECK(shared.settled);
    CHECK(shared.codebook.size() == 256);
  }
}

TEST_CASE("an optimum that would take too much memory is refused") {
  std::vector<float> weights;
  for (int i = 1; i <= 600000; ++i) {
    weights.push_back(static_cast<float>(i));
  }
  CHECK_FALSE(can_share_optimally(weights, options_of(255)));
  CHECK(can_share_optimally(weights, options_of(15)));
  CHECK_THROWS_WITH(share_weights(weights, options_of(255, CentroidInitialisation::optimal)),
                    Catch::Contains("too many distinct values"));
}

TEST_CASE("two clusters, by hand") {
  // Linear start: 1 and 9. {1, 2, 3} and {8, 9}: 2 and 8.5; the midpoint 5.25 moves nothing.
  const SharedWeights shared = share_weights({1.0F, 0.0F, 9.0F, 3.0F, 8.0F, 2.0F}, options_of(2));
  CHECK(shared.codebook == std::vector<float>{0.0F, 2.0F, 8.5F});
  CHECK(shared.codes == std::vector<std::uint8_t>{1, 0, 2, 1, 2, 1});
  CHECK(shared.mean_squared_error == Approx((1.0 + 0.0 + 1.0 + 0.25 + 0.25) / 5.0));
  CHECK(shared.iterations == 1);
}

TEST_CASE("a weight midway between two centroids goes to the smaller") {
  // Linear start: 0.5 and 4.5; 2.5 is midway.
  const SharedWeights shared = share_weights({0.5F, 2.5F, 4.5F}, options_of(2));
  CHECK(shared.codes == std::vector<std::uint8_t>{1, 1, 2});
  CHECK(shared.codebook == std::vector<float>{0.0F, 1.5F, 4.5F});
}

TEST_CASE("iterations go on until nothing moves, or to the limit") {
  const std::vector<float> weights = random_weights(5, 3000);
  KmeansOptions options = options_of(15);
  const SharedWeights settled = share_weights(weights, options);
  CHECK(settled.iterations > 3);
  CHECK(settled.iterations < options.max_iterations);
  options.max_iterations = 1;
  CHECK(share_weights(weights, options).mean_squared_error > settled.mean_squared_error);
  // A fixed point: each shared value is the mean of its weights.
  for (std::size_t code = 1; code < settled.codebook.size(); ++code) {
    double sum = 0.0;
    int count = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (settled.codes[i] == code) {
        sum += static_cast<double>(weights[i]);
        ++count;
      }
    }
    if (count > 0) {
      CHECK(static_cast<double>(settled.codebook[code]) == Approx(sum / count).epsilon(1e-6));
    }
  }
}

TEST_CASE("codes are those of the nearest value, zero exactly for zero, whatever the start") {
  for (const auto initialisation :
       {CentroidInitialisation::linear, CentroidInitialisation::density, CentroidInitialisation::random}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      INFO("seed " << seed);
      const std::vector<float> weights = random_weights(seed, 500);
      const SharedWeights shared = share_weights(weights, options_of(1 + seed % 16, initialisation));
      REQUIRE(shared.codebook.size() == 2 + seed % 16);
      REQUIRE(std::is_sorted(shared.codebook.begin() + 1, shared.codebook.end()));
      double squares = 0.0;
      double nonzeros = 0.0;
      for (std::size_t i = 0; i < weights.size(); ++i) {
        REQUIRE((shared.codes[i] == 0) == (weights[i] == 0.0F));
        REQUIRE(shared.codes[i] < shared.codebook.size());
        if (weights[i] != 0.0F) {
          squares += std::pow(
              static_cast<double>(weights[i]) - static_cast<double>(shared.codebook[shared.codes[i]]), 2);
          nonzeros += 1.0;
        }
      }
      REQUIRE(shared.mean_squared_error == Approx(squares / nonzeros));
      REQUIRE(shared.mean_squared_error == Approx(nearest_error(weights, shared.codebook)));
    }
  }
}

TEST_CASE("weights are sorted, however many and whatever bits they have") {
  for (const std::uint64_t seed : {1, 2, 3}) {
    INFO("seed " << seed);
    boost::random::mt19937_64 bits(seed);
    for (const std::size_t count : {1U, 255U, 256U, 5000U, 300000U}) {
      std::vector<float> weights;
      while (weights.size() < count) {
        // Of all magnitudes, subnormal ones included, and, every other time, of few.
        const auto magnitude = static_cast<std::int64_t>(bits() >> (seed == 3 ? 50U : 40U));
        const int exponent = weights.size() % 2 == 0 ? static_cast<int>(bits() % 250) - 160 : -20;
        const auto weight = static_cast<float>(std::ldexp(static_cast<double>(magnitude), exponent));
        if (weight != 0.0F) {
          weights.push_back((bits() & 1U) != 0 ? weight : -weight);
        }
      }
      const SortedWeights sorted(weights);
      std::sort(weights.begin(), weights.end());
      CHECK(sorted.values() == weights);
    }
  }
}

TEST_CASE("the order of the weights does not matter") {
  std::vector<float> weights = random_weights(3, 1000);
  const SharedWeights forward = share_weights(weights, options_of(15));
  std::reverse(weights.begin(), weights.end());
  const SharedWeights backward = share_weights(weights, options_of(15));
  CHECK(forward.codebook == backward.codebook);
  CHECK(std::equal(forward.codes.begin(), forward.codes.end(), backward.codes.rbegin()));
}

TEST_CASE("few distinct weights are kept exactly") {
  const SharedWeights shared = share_weights({0.1F, -7.0F, 0.1F, 0.0F, 3.3F}, options_of(15));
  CHECK(shared.codebook == std::vector<float>{0.0F, -7.0F, 0.1F, 3.3F});
  CHECK(shared.codes == std::vector<std::uint8_t>{2, 1, 2, 0, 3});
  CHECK(shared.mean_squared_error == 0.0);
  const SharedWeights nothing = share_weights({0.0F, 0.0F}, options_of(15));
  CHECK(nothing.codebook == std::vector<float>{0.0F, 0.0F});
  CHECK(nothing.codes == std::vector<std::uint8_t>{0, 0});
}

TEST_CASE("the initialisation and its seed matter") {
  const std::vector<float> weights = random_weights(7, 2000);
  KmeansOptions options = options_of(15, CentroidInitialisation::random);
  options.max_iterations = 2;
  const SharedWeights one = share_weights(weights, options);
  CHECK(one.codebook == share_weights(weights, options).codebook);
  options.seed = 2;
  CHECK(one.codebook != share_weights(weights, options).codebook);
  options.initialisation = CentroidInitialisation::density;
  const SharedWeights density = share_weights(weights, options);
  options.initialisation = CentroidInitialisation::linear;
  CHECK(density.codebook != share_weights(weights, options).codebook);
}

TEST_CASE("impossible options and weights are refused") {
  CHECK_THROWS_AS(share_weights({1.0F}, options_of(0)), ConfigurationError);
  CHECK_THROWS_AS(share_weights({1.0F}, options_of(256)), ConfigurationError);
  CHECK_THROWS_AS(share_weights({1.0F, NAN}, options_of(15)), InputDataError);
  CHECK_THROWS_AS(share_weights({1.0F, -INFINITY}, options_of(15)), InputDataError);
}
