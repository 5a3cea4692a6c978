#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "models/tomato/engine.h"
#include "models/tomato/timeline/gates.h"
#include "models/tomato/timeline/unit_timeline.h"

namespace lacuna::tomato::timeline {

/// All units and FIFOs of a pipeline for one run. `gates` are those of each frame, or one for all frames.
class MachineTimeline {
 public:
  MachineTimeline(const Pipeline& pipeline, const Analysis& analysis, std::uint32_t frames,
                  const std::vector<FrameGates>& gates);

  /// Follows all tokens, once; the result lacks events and outputs. `interval_cycles` and `trace` as in
  /// RunInput.
  RunResult run(const std::function<void(std::uint32_t frames_done)>& progress,
                std::optional<std::uint64_t> interval_cycles = std::nullopt, RunTrace* trace = nullptr);

 private:
  UnitPorts ports(std::size_t unit);
  std::unique_ptr<UnitTimeline> make_unit(std::size_t unit, const std::vector<FrameGates>& gates);
  void tell(ClassIntervals* intervals, RunTrace* trace);
  void follow(const std::function<void(std::uint32_t)>& progress);
  bool finished() const;
  Cycle end_cycle() const;
  Deadlock deadlock() const;

  const Pipeline& pipeline_;
  const Analysis& analysis_;
  std::uint32_t frames_;
  std::vector<FifoTimes> fifos_;
  std::vector<std::unique_ptr<UnitTimeline>> units_;
  const SinkTimeline* sink_ = nullptr;
};

}  // namespace lacuna::tomato::timeline
