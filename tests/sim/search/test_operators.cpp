#include <algorithm>
#include <vector>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/search/execute_nest.h"
#include "sim/search/operator_transformations.h"
#include "tests/sim/search/small_nests.h"

using namespace lacuna;

namespace {

const Domain plain{1, 16, 16, 8, 8, 3, 3, 1, 1, 1};
constexpr std::uint64_t weights = 9 * 16 * 16;
constexpr std::uint64_t products = weights * 64;

Operation of_plain(const OperatorTransformation& change) {
  return transformed(make_operation(plain), change);
}

void check_size(const Operation& operation, std::uint64_t wanted_weights, std::uint64_t wanted_products,
                std::uint32_t outputs = 16) {
  CHECK(operation.weights() == wanted_weights);
  CHECK(operation.products() == wanted_products);
  CHECK(operation.outputs == outputs);
  std::uint32_t written = 0;
  for (const Branch& branch : operation.branches) {
    CHECK(branch.first_output == written);
    written += branch.nest.domain.output_channels();
    CHECK(branch.first_input + branch.nest.domain.input_channels() <= operation.inputs);
  }
  CHECK(written == operation.outputs);
}

}  // namespace

TEST_CASE("operator transformations have the weights and products of their definitions") {
  check_size(make_operation(plain), weights, products);
  check_size(of_plain(Bottleneck{4}), weights / 4, products / 4, 4);
  check_size(of_plain(Grouping{4}), weights / 4, products / 4);
  check_size(of_plain(Depthwise{}), weights / 16, products / 16);
  check_size(of_plain(SpatialBottleneck{2}), weights, products / 4);
  check_size(of_plain(SplitAndGroup{{1, 2, 4, 4}}), weights / 2, products / 2);
  // 4 dense outputs, and 12 from 12 inputs in 3 groups.
  check_size(of_plain(UnrollAndGroup{4, 3}), 9 * (4 * 16 + 12 * 12 / 3), 64 * 9 * (4 * 16 + 12 * 12 / 3));
  check_size(of_plain(SpatialSplit{4}), weights * 4, products);
}

TEST_CASE("no operator transformation keeps the domain") {
  const LoopNest before = make_nest(plain);
  for (const OperatorTransformation& change :
       std::vector<OperatorTransformation>{Bottleneck{2}, Grouping{2}, Depthwise{}, SpatialBottleneck{2},
                                           SplitAndGroup{{2, 2}}, UnrollAndGroup{4, 3}, SpatialSplit{2}}) {
    for (const Branch& branch : of_plain(change).branches) {
      CHECK_FALSE(is_dependence_preserving(before, branch.nest, Accumulation::exact));
    }
  }
}

TEST_CASE("groups are the convolution whose other weights are zero") {
  const Domain domain{1, 6, 4, 5, 5, 3, 3, 1, 1, 1};
  const Operation grouped = transformed(make_operation(domain), Grouping{2});
  const auto inputs = test::inputs_of<std::int64_t>(domain);
  const auto few = test::weights_of<std::int64_t>(grouped.branches.front().nest.domain);
  std::vector<std::int64_t> all;
  for (std::size_t output = 0; output < 6; ++output) {
    for (std::size_t input = 0; input < 4; ++input) {
      const bool in_group = output / 3 == input / 2;
      for (std::size_t tap = 0; tap < 9; ++tap) {
        all.push_back(in_group ? few[(output * 2 + input % 2) * 9 + tap] : 0);
      }
    }
  }
  CHECK(execute(grouped, inputs, {few}) == test::convolved(domain, inputs, all));
}

TEST_CASE("a spatial bottleneck repeats every second pixel of the convolution") {
  const Domain domain{1, 2, 3, 6, 4, 3, 3, 1, 1, 1};
  const auto inputs = test::inputs_of<std::int64_t>(domain);
  const auto few = test::weights_of<std::int64_t>(domain);
  const auto all = test::convolved(domain, inputs, few);
  const auto found = execute(transformed(make_operation(domain), SpatialBottleneck{2}), inputs, {few});
  REQUIRE(found.size() == all.size());
  for (std::size_t channel = 0; channel < 2; ++channel) {
    for (std::size_t h = 0; h < 6; ++h) {
      for (std::size_t w = 0; w < 4; ++w) {
        CHECK(found[(channel * 6 + h) * 4 + w] == all[(channel * 6 + h / 2 * 2) * 4 + w / 2 * 2]);
      }
    }
  }
}

TEST_CASE("what does not divide is refused, and so are sequences of what is no plain convolution") {
  CHECK_THROWS_WITH(of_plain(Grouping{3}), "16 output channels do not divide by 3; a divisor");
  CHECK_THROWS_AS(of_plain(Bottleneck{0}), ConfigurationError);
  CHECK_THROWS_AS(of_plain(SplitAndGroup{{}}), ConfigurationError);
  CHECK_THROWS_AS(of_plain(SplitAndGroup{{1, 1, 1}}), ConfigurationError);
  CHECK_THROWS_AS(of_plain(UnrollAndGroup{16, 1}), ConfigurationError);
  CHECK_THROWS_AS(of_plain(UnrollAndGroup{4, 5}), ConfigurationError);
  CHECK_THROWS_AS(of_plain(SpatialSplit{3}), ConfigurationError);
  CHECK_THROWS_AS(of_plain(SpatialBottleneck{3}), ConfigurationError);
  CHECK_THROWS_AS(transformed(of_plain(Grouping{2}), Grouping{2}), ConfigurationError);
  CHECK_THROWS_AS(transformed(make_operation({1, 4, 2, 8, 8, 3, 3, 1, 1, 1}), Depthwise{}),
                  ConfigurationError);
  // Bands of 2 rows and a kernel without padding leave none.
  CHECK_THROWS_AS(transformed(make_operation({1, 4, 4, 8, 8, 3, 3, 1, 0, 1}), SpatialSplit{4}),
                  ConfigurationError);
}
