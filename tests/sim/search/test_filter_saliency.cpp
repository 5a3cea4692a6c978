#include <stdexcept>

#include <catch2/catch.hpp>

#include "sim/search/filter_saliency.h"

using namespace lacuna;

TEST_CASE("the L1 norm and the published code's signed sum rank filters differently") {
  // The second filter is the largest by its norm and the smallest by its sum.
  const std::vector<float> weights = {0.5F, 0.5F, -0.25F, -3.0F, 2.0F, -1.0F, 0.125F, 0.25F, 0.125F};
  CHECK(filter_saliencies(weights, 3, FilterNorm::absolute) == std::vector<double>{1.25, 6.0, 0.5});
  CHECK(filter_saliencies(weights, 3, FilterNorm::signed_sum) == std::vector<double>{0.75, -2.0, 0.5});
  using Order = std::vector<LayerChannel>;
  CHECK(removal_order({filter_saliencies(weights, 3, FilterNorm::absolute)}) == Order{{0, 2}, {0, 0}});
  CHECK(removal_order({filter_saliencies(weights, 3, FilterNorm::signed_sum)}) == Order{{0, 1}, {0, 2}});
  CHECK_THROWS_AS(filter_saliencies(weights, 2, FilterNorm::absolute), std::invalid_argument);
}

TEST_CASE("channels are removed in the whole network, and the last of a layer stays") {
  using Order = std::vector<LayerChannel>;
  CHECK(removal_order({{3.0, 1.0}, {2.0, 0.5, 4.0}, {0.1}}) == Order{{1, 1}, {0, 1}, {1, 0}});
  // Of equal ones the earlier layer's, then the lower channel.
  CHECK(removal_order({{1.0, 1.0, 1.0}, {1.0, 1.0}}) == Order{{0, 0}, {0, 1}, {1, 0}});
}
