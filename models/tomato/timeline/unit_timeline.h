#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "models/tomato/analysis.h"
#include "models/tomato/deadlock.h"
#include "models/tomato/engine.h"
#include "models/tomato/timeline/fifo_times.h"

namespace lacuna::tomato::timeline {

/// What an advance has done, and what the unit may wait for behind it.
struct Advance {
  std::uint64_t pushed = 0;  ///< tokens to each output
  std::uint64_t popped = 0;  ///< from each input; from gates at most
  bool wants_token = true;
  bool wants_room = true;
};

/// The classes of a unit's cycles, which it goes through from cycle 0 on.
class ClassTimes {
 public:
  /// Tells of the classes as they come, as this unit; null: nobody.
  void tell(std::size_t unit, ClassIntervals* intervals, RunTrace* trace) {
    unit_ = unit;
    intervals_ = intervals;
    trace_ = trace;
  }

  bool tells() const { return intervals_ != nullptr || trace_ != nullptr; }

  /// Behind what it has done so far the unit waited for a token, then for room, and then worked.
  void add(Cycle starved, Cycle blocked, Cycle busy) {
    starved_ += starved;
    blocked_ += blocked;
    busy_ += busy;
    if (tells()) {
      note(starved, blocked, busy);
    }
  }
  /// The unit is done; the run had so many cycles.
  CycleClassCounts finish(Cycle cycles);

 private:
  void note(Cycle starved, Cycle blocked, Cycle busy);
  void note(CycleClass cycle_class, Cycle cycles);

  Cycle starved_ = 0;
  Cycle blocked_ = 0;
  Cycle busy_ = 0;
  std::size_t unit_ = 0;
  ClassIntervals* intervals_ = nullptr;
  RunTrace* trace_ = nullptr;
  Cycle noted_ = 0;  ///< cycles that were told of
};

/// One unit's recurrences. A unit advances through its tokens as far as the cycles of its neighbours are
/// known.
class UnitTimeline {
 public:
  virtual ~UnitTimeline() = default;

  virtual Advance advance() = 0;
  /// Whether all its tokens have been through.
  virtual bool finished() const = 0;
  /// See ClassTimes.
  void tell(std::size_t unit, ClassIntervals* intervals, RunTrace* trace) {
    classes_.tell(unit, intervals, trace);
  }
  /// Cycle classes of a finished unit, once, in a run of so many cycles.
  CycleClassCounts finish(Cycle cycles) { return classes_.finish(cycles); }
  /// Line-buffer stalls; 0 for all units but windows.
  virtual std::uint64_t line_buffer_full_cycles() const { return 0; }
  /// Why a unit that is not finished stands still.
  virtual UnitWait wait() const = 0;

 protected:
  ClassTimes classes_;
};

/// The FIFOs of a unit and their positions in Pipeline::edges.
struct UnitPorts {
  std::vector<FifoTimes*> inputs;
  std::vector<FifoTimes*> outputs;
  std::vector<std::size_t> input_edges;
  std::vector<std::size_t> output_edges;

  /// The first output that is full; nothing if there is none.
  std::optional<std::size_t> first_full() const;
};

/// The source (contract, section 3).
class SourceTimeline : public UnitTimeline {
 public:
  SourceTimeline(UnitPorts ports, std::uint64_t tokens, std::uint32_t interval)
      : ports_(std::move(ports)), tokens_(tokens), interval_(interval) {}

  Advance advance() override;
  bool finished() const override { return output().pushed() == tokens_; }
  UnitWait wait() const override;

 private:
  FifoTimes& output() const { return *ports_.outputs.front(); }

  UnitPorts ports_;
  std::uint64_t tokens_;
  Cycle interval_;
  Cycle ready_ = 0;  ///< of the next pixel
  Cycle last_ = -1;
};

/// The sink (contract, section 3).
class SinkTimeline : public UnitTimeline {
 public:
  SinkTimeline(UnitPorts ports, std::uint64_t frames, std::uint64_t tokens_per_frame)
      : ports_(std::move(ports)), frames_(frames), tokens_per_frame_(tokens_per_frame) {}

  Advance advance() override;
  bool finished() const override { return input().popped() == frames_ * tokens_per_frame_; }
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
