#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "models/eie/counters.h"

namespace lacuna::eie::systemc {

/// The events of one unit's cycle, at most one of each kind, as a byte for each kind in one word: a counter
/// in memory for each kind would cost a load and a store in every cycle of every PE.
class CycleEvents {
 public:
  /// Counts the event if `happens` is 1, and not if it is 0.
  void count(PeEvent event, std::uint32_t happens) { bytes_ |= std::uint64_t{happens} << shift_of(event); }

 private:
  friend class EventTally;
  static constexpr std::array<PeEvent, 7> kinds{
      PeEvent::codebook_reads,    PeEvent::padding_entries,      PeEvent::multiplies,
      PeEvent::accumulator_reads, PeEvent::accumulator_bypasses, PeEvent::accumulator_saturations,
      PeEvent::accumulator_writes};
  static constexpr std::uint32_t cycle_shift = 8 * kinds.size();
  static constexpr std::uint32_t shift_of(PeEvent event) {
    std::uint32_t shift = 0;
    for (const PeEvent kind : kinds) {
      if (kind == event) {
        return shift;
      }
      shift += 8;
    }
    return shift;
  }

  std::uint64_t bytes_ = std::uint64_t{1} << cycle_shift;  ///< the highest byte counts cycles
};

/// Adds up the events of up to 255 cycles before it passes them on.
class EventTally {
 public:
  void clear() { bytes_ = 0; }

  void add(const CycleEvents& cycle, PeEventCounts& events) {
    bytes_ += cycle.bytes_;
    if (bytes_ >> CycleEvents::cycle_shift == 255) {
      add_to(events);
      clear();
    }
  }

  /// Adds what has not been passed on yet.
  void add_to(PeEventCounts& events) const {
    for (std::size_t i = 0; i < CycleEvents::kinds.size(); ++i) {
      events[CycleEvents::kinds[i]] += (bytes_ >> (8 * i)) & 255U;
    }
  }

 private:
  std::uint64_t bytes_ = 0;
};

}  // namespace lacuna::eie::systemc
