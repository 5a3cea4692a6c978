#include "sim/search/schedule_transformations.h"

#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna {
namespace {

void check_level(const LoopNest& nest, std::size_t level) {
  if (level >= nest.levels.size()) {
    throw ConfigurationError({}, fmt::format("there is no loop {}", level),
                             fmt::format("0 to {}", nest.levels.size() - 1));
  }
}

LoopNest applied(LoopNest nest, const Interchange& change) {
  check_level(nest, change.first);
  check_level(nest, change.second);
  std::swap(nest.levels[change.first], nest.levels[change.second]);
  return nest;
}

LoopNest applied(LoopNest nest, const Tile& tile) {
  check_level(nest, tile.level);
  Level& whole = nest.levels[tile.level];
  if (whole.is_unrolled || tile.size == 0 || tile.size > whole.size) {
    throw ConfigurationError(
        {}, fmt::format("tiles of {} of the loop over {}", tile.size, axis_name(whole.axis)),
        whole.is_unrolled ? "a loop that is not unrolled" : fmt::format("1 to {}", whole.size));
  }
  // The guard at the end of the axis cuts the last tile; there is none at the end of a tile.
  const bool is_outermost = std::uint64_t{whole.size} * whole.step >= nest.domain.extent(whole.axis);
  if (!is_outermost && whole.size % tile.size != 0) {
    throw ConfigurationError({},
                             fmt::format("tiles of {} of a loop over {} turns within a tile of {}", tile.size,
                                         whole.size, axis_name(whole.axis)),
                             "a divisor");
  }
  const Level inner{whole.axis, tile.size, whole.step, false};
  whole.size = (whole.size + tile.size - 1) / tile.size;
  whole.step *= tile.size;
  nest.levels.insert(nest.levels.begin() + static_cast<std::ptrdiff_t>(tile.level) + 1, inner);
  return nest;
}

LoopNest applied(LoopNest nest, const UnrollLoop& unroll) {
  check_level(nest, unroll.level);
  nest.levels[unroll.level].is_unrolled = true;
  return nest;
}

}  // namespace

LoopNest transformed(const LoopNest& nest, const ScheduleTransformation& transformation) {
  return std::visit([&](const auto& each) { return applied(nest, each); }, transformation);
}

bool is_dependence_preserving(const LoopNest& nest, const ScheduleTransformation& transformation,
                              Accumulation accumulation) {
  return is_dependence_preserving(nest, transformed(nest, transformation), accumulation);
}

}  // namespace lacuna
