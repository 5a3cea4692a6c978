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

/// What an advance has done.
struct Advance {
  bool pushed = false;
  bool popped = false;
};

/// One unit's recurrences. A unit advances through its tokens as far as the cycles of its neighbours are
/// known.
class UnitTimeline {
 public:
  virtual ~UnitTimeline() = default;

  virtual Advance advance() = 0;
  /// Whether all its tokens have been through.
  virtual bool finished() const = 0;
  /// Cycle classes of a finished unit in a run of so many cycles.
  virtual CycleClassCounts classes(Cycle cycles) const = 0;
  /// Line-buffer stalls; 0 for all units but windows.
  virtual std::uint64_t line_buffer_full_cycles() const { return 0; }
  /// Why a unit that is not finished stands still.
  virtual UnitWait wait() const = 0;
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

}  // namespace lacuna::tomato::timeline
