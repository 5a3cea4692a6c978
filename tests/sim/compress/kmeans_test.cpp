#include "sim/data/import/kmeans.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>

#include "models/common/error.h"

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

}  // namespace

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
