#pragma once

#include <memory>
#include <vector>

#include "sim/eie/sweep/eie_space.h"
#include "sim/eie/sweep/point_timing.h"
#include "sim/eie/sweep/prepared_workloads.h"

namespace lacuna {

/// Points on the timeline engine, with what they share beyond their workloads.
class TimelinePoints : public PointRunner {
 public:
  TimelinePoints(const EieSpace& space, const PreparedWorkloads& workloads)
      : space_(space), workloads_(workloads), timing_(workloads) {}

  PointOutcome run(const SweepPoint& point) const override;
  std::vector<std::vector<std::uint64_t>> groups(const std::vector<SweepPoint>& points) const override;

 private:
  const EieSpace& space_;
  const PreparedWorkloads& workloads_;
  const PointTiming timing_;
};

/// The timeline engine with all that its points can share, or a clocked engine. Loads the workloads of
/// `points`.
std::unique_ptr<PointRunner> make_eie_runner(const EieSpace& space, const std::vector<SweepPoint>& points,
                                             EngineKind engine, const SweepSurroundings& surroundings);

}  // namespace lacuna
