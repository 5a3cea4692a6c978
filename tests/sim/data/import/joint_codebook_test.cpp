#include "sim/data/import/joint_codebook.h"

#include <algorithm>
#include <cmath>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>

using namespace lacuna;

TEST_CASE("where there is room, all values stay exact and unused ones go") {
  const JointCodebook joint = join_codebook({0.0F, 3.0F, -1.0F, 9.0F}, {0, 5, 2, 0}, {0.5F, 3.0F, 0.0F}, 4);
  CHECK(joint.codebook == std::vector<float>{0.0F, -1.0F, 0.5F, 3.0F});
  CHECK(joint.weight_codes == std::vector<std::uint8_t>{0, 3, 1, 0});
  CHECK(joint.bias_codes == std::vector<std::uint8_t>{2, 3, 0});
  CHECK(joint.merges == 0);
  CHECK(joint.largest_weight_error == 0.0);
  CHECK(joint.largest_bias_error == 0.0);
}

TEST_CASE("without room the cheapest neighbours become their mean") {
  // Costs of 1, 2, 10, 11 used 1, 3, 100 and 100 times: 3/4, ..., 50. The first pair becomes (1 + 3 * 2) / 4.
  const JointCodebook joint = join_codebook({0.0F, 1.0F, 2.0F, 10.0F, 11.0F}, {0, 1, 2, 100, 100}, {2.0F}, 4);
  CHECK(joint.codebook == std::vector<float>{0.0F, 1.75F, 10.0F, 11.0F});
  CHECK(joint.weight_codes == std::vector<std::uint8_t>{0, 1, 1, 2, 3});
  CHECK(joint.bias_codes == std::vector<std::uint8_t>{1});
  CHECK(joint.merges == 1);
  CHECK(joint.largest_weight_error == 0.75);
  CHECK(joint.largest_bias_error == 0.25);
}

TEST_CASE("a bias far from all weights keeps a value of its own") {
  std::vector<float> codebook(256);
  for (std::size_t i = 1; i < codebook.size(); ++i) {
    codebook[i] = 0.001F * static_cast<float>(i);
  }
  const JointCodebook joint =
      join_codebook(codebook, std::vector<std::uint64_t>(256, 10), {5.0F, -4.0F}, 256);
  CHECK(joint.codebook.size() == 256);
  CHECK(joint.codebook[joint.bias_codes[0]] == 5.0F);
  CHECK(joint.codebook[joint.bias_codes[1]] == -4.0F);
  CHECK(joint.merges == 2);
  CHECK(joint.largest_weight_error < 0.0006);
}

TEST_CASE("errors reported are the errors made, for random layers") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    INFO("seed " << seed);
    boost::random::mt19937_64 engine(seed);
    boost::random::uniform_int_distribution<int> value(-500, 500);
    std::vector<float> codebook = {0.0F};
    std::vector<std::uint64_t> uses = {0};
    for (int i = 0; i < 40; ++i) {
      codebook.push_back(static_cast<float>(value(engine)) / 100.0F);
      uses.push_back(static_cast<std::uint64_t>(value(engine) + 500) % 9);
    }
    std::vector<float> biases;
    for (int i = 0; i < 30; ++i) {
      biases.push_back(static_cast<float>(value(engine)) / 50.0F);
    }
    const JointCodebook joint = join_codebook(codebook, uses, biases, 24);
    REQUIRE(joint.codebook.size() == 24);
    REQUIRE(joint.codebook[0] == 0.0F);
    REQUIRE(std::is_sorted(joint.codebook.begin() + 1, joint.codebook.end()));
    double bias_error = 0.0;
    for (std::size_t i = 0; i < biases.size(); ++i) {
      bias_error = std::max(bias_error, std::fabs(static_cast<double>(biases[i]) -
                                                  static_cast<double>(joint.codebook[joint.bias_codes[i]])));
    }
    double weight_error = 0.0;
    for (std::size_t code = 1; code < codebook.size(); ++code) {
      if (uses[code] > 0) {
        weight_error =
            std::max(weight_error, std::fabs(static_cast<double>(codebook[code]) -
                                             static_cast<double>(joint.codebook[joint.weight_codes[code]])));
      }
    }
    REQUIRE(joint.largest_bias_error == bias_error);
    REQUIRE(joint.largest_weight_error == weight_error);
  }
}
