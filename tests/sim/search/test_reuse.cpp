#include <array>
#include <cmath>
#include <functional>
#include <set>
#include <vector>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/search/reuse.h"
#include "sim/search/schedule_transformations.h"
#include "tests/sim/search/small_nests.h"

using namespace lacuna;

namespace {

using Position = std::array<std::uint64_t, axis_count>;

/// Takes the nest's turns one by one, lanes together, and counts the distinct indices of each slice that is
/// another than the one before. `key` names the operand's element of a position.
std::uint64_t counted_reads(const LoopNest& nest, const std::function<std::uint64_t(const Position&)>& key) {
  std::vector<Level> turning;
  std::vector<Level> lanes;
  for (const Level& level : nest.levels) {
    (level.is_unrolled ? lanes : turning).push_back(level);
  }
  std::uint64_t reads = 0;
  std::set<std::uint64_t> before;
  const auto at = [](const std::vector<Level>& levels, std::uint64_t number, Position& position) {
    for (std::size_t i = levels.size(); i-- > 0; number /= levels[i].size) {
      position[static_cast<std::size_t>(levels[i].axis)] += number % levels[i].size * levels[i].step;
    }
  };
  const auto count = [](const std::vector<Level>& levels) {
    std::uint64_t product = 1;
    for (const Level& level : levels) {
      product *= level.size;
    }
    return product;
  };
  for (std::uint64_t turn = 0; turn < count(turning); ++turn) {
    std::set<std::uint64_t> slice;
    for (std::uint64_t lane = 0; lane < count(lanes); ++lane) {
      Position position{};
      at(turning, turn, position);
      at(lanes, lane, position);
      bool is_inside = true;
      for (std::size_t axis = 0; axis < axis_count; ++axis) {
        is_inside = is_inside && position[axis] < nest.domain.extent(static_cast<LoopAxis>(axis));
      }
      if (is_inside) {
        slice.insert(key(position));
      }
    }
    if (!slice.empty() && slice != before) {
      reads += slice.size();
      before = slice;
    }
  }
  return reads;
}

std::uint64_t numbered(const Domain& domain, const Position& position, std::initializer_list<LoopAxis> axes) {
  std::uint64_t key = 0;
  for (const LoopAxis axis : axes) {
    key = key * domain.extent(axis) + position[static_cast<std::size_t>(axis)];
  }
  return key;
}

NestTraffic counted_traffic(const LoopNest& nest) {
  const Domain& d = nest.domain;
  NestTraffic traffic;
  traffic.weight_reads = counted_reads(nest, [&](const Position& p) {
    const std::uint64_t band = p[static_cast<std::size_t>(LoopAxis::h)] / (d.h() / d.bands);
    return numbered(d, p, {LoopAxis::group, LoopAxis::co, LoopAxis::ci, LoopAxis::kh, LoopAxis::kw}) *
               d.bands +
           band;
  });
  traffic.activation_reads = counted_reads(nest, [&](const Position& p) {
    return numbered(d, p,
                    {LoopAxis::group, LoopAxis::ci, LoopAxis::h, LoopAxis::w, LoopAxis::kh, LoopAxis::kw});
  });
  traffic.sum_accesses = counted_reads(nest, [&](const Position& p) {
    return numbered(d, p, {LoopAxis::group, LoopAxis::co, LoopAxis::h, LoopAxis::w});
  });
  return traffic;
}

/// Whether all tiles of all axes are full.
bool is_even(const LoopNest& nest) {
  for (std::size_t axis = 0; axis < axis_count; ++axis) {
    std::uint64_t product = 1;
    for (const Level& level : nest.levels) {
      product *= level.axis == static_cast<LoopAxis>(axis) ? level.size : 1;
    }
    if (product != nest.domain.extent(static_cast<LoopAxis>(axis))) {
      return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("reads are those of the turns, counted one by one") {
  boost::random::mt19937_64 random(4);
  const auto any = [&](std::size_t count) {
    return boost::random::uniform_int_distribution<std::size_t>(0, count - 1)(random);
  };
  int even = 0;
  for (const Domain& domain : test::small_domains()) {
    for (int turn = 0; turn < 25; ++turn) {
      LoopNest nest = make_nest(domain);
      for (std::size_t i = 0; i < 1 + any(5); ++i) {
        const std::size_t level = any(nest.levels.size());
        try {
          switch (any(3)) {
            case 0:
              nest = transformed(nest, Interchange{level, any(nest.levels.size())});
              break;
            case 1:
              nest = transformed(nest,
                                 Tile{level, static_cast<std::uint32_t>(1 + any(nest.levels[level].size))});
              break;
            default:
              // Rows of several bands at once would share no slice.
              if (domain.bands == 1 || nest.levels[level].axis != LoopAxis::h) {
                nest = transformed(nest, UnrollLoop{level});
              }
          }
        } catch (const ConfigurationError&) {
        }
      }
      INFO(schedule_text(nest) << ", " << domain.bands << " bands, " << domain.groups << " groups");
      const NestTraffic traffic = traffic_of(nest);
      const NestTraffic counted = counted_traffic(nest);
      CHECK(traffic.weight_reads >= counted.weight_reads);
      CHECK(traffic.activation_reads >= counted.activation_reads);
      CHECK(traffic.sum_accesses >= counted.sum_accesses);
      if (is_even(nest)) {
        CHECK(traffic.weight_reads == counted.weight_reads);
        CHECK(traffic.activation_reads == counted.activation_reads);
        CHECK(traffic.sum_accesses == counted.sum_accesses);
        ++even;
      }
    }
  }
  CHECK(even > 60);
}

TEST_CASE("the order of steps decides which operand is read again") {
  const Domain domain{1, 8, 6, 10, 12, 3, 3, 1, 1, 1};
  const LoopNest outputs_outside = make_nest(domain);  // h w group co ci kh kw
  const std::uint64_t pixels = 120;
  // A pixel's window is read for each output; moved outside the outputs, once.
  CHECK(traffic_of(outputs_outside).activation_reads == pixels * 8 * 54);
  LoopNest outputs_inside = outputs_outside;
  for (std::size_t level = 3; level < 6; ++level) {
    outputs_inside = transformed(outputs_inside, Interchange{level, level + 1});
  }
  CHECK(schedule_text(outputs_inside) == "h w group ci kh kw co");
  CHECK(traffic_of(outputs_inside).activation_reads == pixels * 54);
  CHECK(traffic_of(outputs_inside).sum_accesses == pixels * 8 * 54);
  CHECK(traffic_of(outputs_outside).sum_accesses == pixels * 8);
  // Streams read each weight for each pixel, as the streaming machine counts; with pixels inside, once.
  CHECK(traffic_of(outputs_outside).weight_reads == traffic_of(outputs_outside).products);
  LoopNest weights_stay = outputs_outside;
  weights_stay.levels = {{LoopAxis::co, 8, 1, false}, {LoopAxis::ci, 6, 1, false},
                         {LoopAxis::kh, 3, 1, false}, {LoopAxis::kw, 3, 1, false},
                         {LoopAxis::h, 10, 1, false}, {LoopAxis::w, 12, 1, false}};
  CHECK(is_dependence_preserving(outputs_outside, weights_stay, Accumulation::exact));
  CHECK(traffic_of(weights_stay).weight_reads == 8 * 54);
}

TEST_CASE("line buffers and FIFOs do not depend on the schedule") {
  // 3x3 with padding on 4 x 5: 10 of 12 row taps and 13 of 15 column taps lie inside.
  const LoopNest nest = make_nest({1, 7, 2, 4, 5, 3, 3, 1, 1, 1});
  const NestTraffic traffic = traffic_of(nest);
  CHECK(traffic.line_buffer_reads == 10 * 13 * 2);
  CHECK(traffic.fifo_values == 20 * 2 + 20 * 7);
  const DataReuse reuse = reuse_of(nest, 8, 16);
  const double products = 7 * 2 * 9 * 20;
  CHECK(reuse.products_per_weight_read == 1.0);
  CHECK(reuse.products_per_activation_read == 1.0);
  CHECK(reuse.products_per_line_buffer_read == Approx(products / 260));
  CHECK(reuse.products_per_fifo_bit == Approx(products / (8 * 40 + 16 * 140)));
  // 1x1 needs no line buffer.
  CHECK(std::isinf(reuse_of(make_nest({1, 7, 2, 4, 5, 1, 1, 1, 0, 1}), 8, 8).products_per_line_buffer_read));
}
