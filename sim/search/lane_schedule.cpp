#include "sim/search/lane_schedule.h"

#include <algorithm>
#include <stdexcept>

#include "sim/search/schedule_transformations.h"

namespace lacuna {
namespace {

/// Cuts the first loop over an axis in tiles and does the turns of a tile at once.
LoopNest in_lanes(const LoopNest& nest, LoopAxis axis, std::uint32_t lanes) {
  const auto found = std::find_if(nest.levels.begin(), nest.levels.end(),
                                  [axis](const Level& level) { return level.axis == axis; });
  const auto position = static_cast<std::size_t>(found - nest.levels.begin());
  return transformed(transformed(nest, Tile{position, std::min(lanes, found->size)}),
                     UnrollLoop{position + 1});
}

}  // namespace

LoopNest with_lanes(const Domain& domain, const LaneWishes& wishes) {
  const LoopNest plain = make_nest(domain);  // h w group co ci kh kw
  LoopNest nest = transformed(transformed(plain, Interchange{4, 5}), Interchange{5, 6});  // ci innermost
  nest = in_lanes(nest, LoopAxis::co, wishes.outputs);
  if (wishes.outputs > domain.co) {
    nest = in_lanes(nest, LoopAxis::group, wishes.outputs / domain.co);
  }
  nest = in_lanes(nest, LoopAxis::ci, wishes.inputs);
  if (wishes.taps != LaneWishes::Taps::one) {
    nest = in_lanes(nest, LoopAxis::kw, domain.kw);
  }
  if (wishes.taps == LaneWishes::Taps::kernel) {
    nest = in_lanes(nest, LoopAxis::kh, domain.kh);
  }
  if (!is_dependence_preserving(plain, nest, Accumulation::exact)) {
    throw std::logic_error("lanes change a convolution's values");
  }
  return nest;
}

}  // namespace lacuna
