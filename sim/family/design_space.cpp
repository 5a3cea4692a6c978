#include "sim/family/design_space.h"

namespace lacuna {

std::vector<std::vector<std::uint64_t>> PointRunner::groups(const std::vector<SweepPoint>& points) const {
  std::vector<std::vector<std::uint64_t>> groups;
  groups.reserve(points.size());
  for (const SweepPoint& point : points) {
    groups.push_back({point.number});
  }
  return groups;
}

std::size_t DesignSpace::workload_of(const Choices& choices) const {
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    if (axes_[i].is_workload()) {
      return choices[i];
    }
  }
  return 0;
}

}  // namespace lacuna
