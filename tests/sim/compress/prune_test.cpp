#include "sim/compress/prune.h"

#include <algorithm>
#include <cmath>

#include <boost/random/mersenne_twister.hpp>
#include <catch2/catch.hpp>

#include "models/common/error.h"

using namespace lacuna;

namespace {

WeightTensor random_tensor(const std::vector<std::uint32_t>& shape, unsigned seed) {
  boost::random::mt19937 random(seed);
  WeightTensor tensor{shape, std::vector<float>(checked_weight_count(shape, "", ""))};
  for (float& value : tensor.values) {
    value = static_cast<float>(static_cast<double>(random()) / 2147483648.0 - 1.0);
  }
  return tensor;
}

PruneOptions density(double value) {
  PruneOptions options;
  options.rule = PruneRule::density;
  options.value = value;
  return options;
}

std::size_t nonzeros(const WeightTensor& tensor) {
  return tensor.values.size() -
         static_cast<std::size_t>(std::count(tensor.values.begin(), tensor.values.end(), 0.0F));
}

}  // namespace

TEST_CASE("a threshold takes along weights that were written with the same digits") {
  // 0.3 as float32 is more than 0.3 as a double.
  PruneOptions options;
  options.rule = PruneRule::threshold;
  for (const double threshold : {0.1, 0.2, 0.3, 0.4, 0.7, 1e-7, 3.3e9}) {
    INFO(threshold);
    const auto limit = static_cast<float>(threshold);
    WeightTensor tensor{{1, 4}, {limit, -limit, std::nextafterf(limit, 1e30F), std::nextafterf(limit, 0.0F)}};
    options.value = threshold;
    CHECK(prune(tensor, options).kept_weights == 1);
    CHECK(tensor.values[2] != 0.0F);
  }
  options.value = 0.3;
  options.granularity = PruneGranularity::vector;
  options.vector_length = 3;
  WeightTensor rows{{1, 6}, {0.3F, 0.3F, -0.3F, 0.3F, 0.3F, 0.4F}};
  CHECK(prune(rows, options).kept_weights == 3);
  // All weights are one standard deviation from zero.
  options = {};
  options.rule = PruneRule::quality;
  options.value = 1.0;
  WeightTensor equal{{2, 2}, {0.3F, -0.3F, -0.3F, 0.3F}};
  CHECK(prune(equal, options).kept_weights == 0);
}

TEST_CASE("pruning by threshold keeps what is larger, and says how much") {
  WeightTensor tensor{{2, 3}, {0.5F, -0.1F, 0.0F, -2.0F, 0.1F, 0.2F}};
  PruneOptions options;
  options.rule = PruneRule::threshold;
  options.value = static_cast<double>(0.1F);
  const PruneResult result = prune(tensor, options);
  CHECK(tensor.values == std::vector<float>{0.5F, 0.0F, 0.0F, -2.0F, 0.0F, 0.2F});
  CHECK(result.kept_weights == 3);
  CHECK(result.groups == 6);
}

TEST_CASE("the quality parameter is a multiple of the standard deviation") {
  WeightTensor tensor{{1, 4}, {1.0F, -1.0F, 3.0F, -3.0F}};  // deviation sqrt(5) = 2.236
  CHECK(standard_deviation(tensor.values) == Approx(std::sqrt(5.0)));
  PruneOptions options;
  options.rule = PruneRule::quality;
  options.value = 0.5;
  WeightTensor low = tensor;
  CHECK(prune(low, options).threshold == Approx(0.5 * std::sqrt(5.0)));
  CHECK(nonzeros(low) == 2);
  options.value = 0.4;
  CHECK(prune(tensor, options).kept_weights == 4);
}

TEST_CASE("a target density keeps exactly the largest, the first among equals") {
  WeightTensor tensor = random_tensor({40, 50}, 3);
  const WeightTensor before = tensor;
  const PruneResult result = prune(tensor, density(0.1));
  CHECK(result.kept_weights == 200);
  float least_kept = 2.0F;
  float largest_gone = 0.0F;
  for (std::size_t i = 0; i < before.values.size(); ++i) {
    if (tensor.values[i] != 0.0F) {
      REQUIRE(tensor.values[i] == before.values[i]);
      least_kept = std::min(least_kept, std::fabs(before.values[i]));
    } else {
      largest_gone = std::max(largest_gone, std::fabs(before.values[i]));
    }
  }
  CHECK(least_kept > largest_gone);
  CHECK(result.threshold == Approx(static_cast<double>(least_kept)));
  WeightTensor equal{{1, 4}, {1.0F, -1.0F, 1.0F, 1.0F}};
  prune(equal, density(0.5));
  CHECK(equal.values == std::vector<float>{1.0F, -1.0F, 0.0F, 0.0F});
}

TEST_CASE("structured pruning keeps or drops whole vectors, kernels and filters") {
  const std::vector<std::uint32_t> shape = {4, 3, 2, 5};
  for (const auto& [granularity, size] : {std::pair{PruneGranularity::vector, 5},
                                          {PruneGranularity::kernel, 10},
                                          {PruneGranularity::filter, 30}}) {
    WeightTensor tensor = random_tensor(shape, 4);
    PruneOptions options = density(0.5);
    options.granularity = granularity;
    const PruneResult result = prune(tensor, options);
    CHECK(result.group_size == static_cast<std::uint64_t>(size));
    CHECK(result.kept_weights == 60);
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
      const bool first = tensor.values[i - i % static_cast<std::size_t>(size)] != 0.0F;
      REQUIRE((tensor.values[i] != 0.0F) == first);
    }
  }
}

TEST_CASE("the last vector of a row may be shorter, and is judged by its mean") {
  WeightTensor tensor{{2, 5}, {1, 1, 1, 1, 3, 2, 2, 0, 0, 0.5F}};
  PruneOptions options = density(0.5);
  options.granularity = PruneGranularity::vector;
  options.vector_length = 2;
  CHECK(prune(tensor, options).groups == 6);
  CHECK(tensor.values == std::vector<float>{1, 1, 0, 0, 3, 2, 2, 0, 0, 0});
}

TEST_CASE("load-balance-aware pruning keeps as many weights, equally many in every PE") {
  WeightTensor plain = random_tensor({50, 64}, 5);
  for (std::size_t i = 0; i < plain.values.size(); ++i) {
    plain.values[i] *= i / 64 % 7 == 0 ? 8.0F : 1.0F;  // some rows, and so some PEs, hold larger weights
  }
  WeightTensor balanced = plain;
  const PruneResult a = prune(plain, density(0.2));
  PruneOptions options = density(0.2);
  options.balance_pe_count = 7;
  const PruneResult b = prune(balanced, options);
  CHECK(a.kept_weights == 640);
  CHECK(b.kept_weights == 640);
  const auto uneven = nonzeros_per_pe(plain, 7);
  const auto even = nonzeros_per_pe(balanced, 7);
  CHECK(*std::max_element(uneven.begin(), uneven.end()) > 200);
  for (const std::uint64_t count : even) {
    CHECK((count == 91 || count == 92));
  }
}

TEST_CASE("PEs with too few weights keep all, the others share the rest") {
  WeightTensor tensor{{3, 4}, {1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}};
  PruneOptions options = density(0.5);
  options.balance_pe_count = 3;
  CHECK(prune(tensor, options).kept_weights == 6);
  CHECK(nonzeros_per_pe(tensor, 3) == std::vector<std::uint64_t>{1, 2, 3});
}

TEST_CASE("impossible pruning is refused") {
  WeightTensor tensor{{2, 2}, {1, 2, 3, 4}};
  CHECK_THROWS_AS(prune(tensor, density(1.5)), ConfigurationError);
  CHECK_THROWS_AS(prune(tensor, density(-0.1)), ConfigurationError);
  PruneOptions options = density(0.5);
  options.vector_length = 2;
  CHECK_THROWS_AS(prune(tensor, options), ConfigurationError);
  options.vector_length.reset();
  options.granularity = PruneGranularity::vector;
  CHECK_THROWS_WITH(prune(tensor, options), Catch::Contains("vector_length"));
  options.vector_length = 0;
  CHECK_THROWS_WITH(prune(tensor, options), Catch::Contains("vector_length: is 0"));
  options = density(0.5);
  options.balance_pe_count = 0;
  CHECK_THROWS_WITH(prune(tensor, options), Catch::Contains("balance_pe_count: is 0"));
  options = PruneOptions();
  options.balance_pe_count = 4;
  CHECK_THROWS_AS(prune(tensor, options), ConfigurationError);
  tensor.values[3] = NAN;
  CHECK_THROWS_WITH(prune(tensor, density(0.5)), Catch::Contains("element 3"));
}
