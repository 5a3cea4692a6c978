#pragma once

#include <cstdint>
#include <vector>

#include "models/tomato/timeline/unit_timeline.h"

namespace lacuna::tomato::timeline {

/// The source (contract, section 3).
class SourceTimeline : public UnitTimeline {
 public:
  SourceTimeline(UnitPorts ports, std::uint64_t tokens, std::uint32_t interval)
      : ports_(std::move(ports)), tokens_(tokens), interval_(interval) {}

  Advance advance() override;
  bool finished() const override { return output().pushed() == tokens_; }
  CycleClassCounts classes(Cycle cycles) const override;
  UnitWait wait() const override;

 private:
  FifoTimes& output() const { return *ports_.outputs.front(); }

  UnitPorts ports_;
  std::uint64_t tokens_;
  Cycle interval_;
  Cycle ready_ = 0;  ///< of the next pixel
  Cycle last_ = -1;
  Cycle starved_ = 0;
  Cycle blocked_ = 0;
};

/// The sink (contract, section 3).
class SinkTimeline : public UnitTimeline {
 public:
  SinkTimeline(UnitPorts ports, std::uint64_t frames, std::uint64_t tokens_per_frame)
      : ports_(std::move(ports)), frames_(frames), tokens_per_frame_(tokens_per_frame) {}

  Advance advance() override;
  bool finished() const override { return input().popped() == frames_ * tokens_per_frame_; }
  CycleClassCounts classes(Cycle cycles) const override;
  UnitWait wait() const override;

  Cycle first_pop() const { return first_; }
  const std::vector<std::uint64_t>& frame_cycles() const { return frame_cycles_; }

 private:
  FifoTimes& input() const { return *ports_.inputs.front(); }

  UnitPorts ports_;
  std::uint64_t frames_;
  std::uint64_t tokens_per_frame_;
  Cycle first_ = -1;
  Cycle last_ = -1;
  std::vector<std::uint64_t> frame_cycles_;
};

}  // namespace lacuna::tomato::timeline
