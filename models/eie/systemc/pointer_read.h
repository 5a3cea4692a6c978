#pragma once

#include <cstdint>
#include <string>
#include <systemc>

#include "models/eie/counters.h"
#include "models/eie/layer.h"
#include "models/eie/systemc/activation_queue.h"

namespace lacuna::eie::systemc {

/// An entry on its way from pointer read to sparse-matrix read.
struct IssuedEntry {
  bool valid = false;
  bool first = false;        ///< first entry of its column
  std::uint32_t number = 0;  ///< entry number in the sparse-matrix memory
  std::int32_t value = 0;    ///< activation
};

/// Pointer-read unit of one PE (contract, section 6): takes columns from the queue, reads their pointer pair
/// from two banks and issues their entries, one per cycle.
class PointerRead {
 public:
  explicit PointerRead(bool prefetch) : prefetch_(prefetch) {}

  void reset(const PeMemory& memory) {
    memory_ = &memory;
    pointers_ = memory.pointers.data();
    valid_ = false;
    bubble_cause_ = CycleClass::starved;
    last_lookup_cycle_ = 0;
    looked_up_ = false;
    reads_ = 0;
  }

  bool valid() const { return valid_; }

  /// Adds the unit's register to a wave file.
  void trace(sc_core::sc_trace_file* file, const std::string& name) const {
    sc_core::sc_trace(file, valid_, name + ".valid");
    sc_core::sc_trace(file, column_, name + ".column");
  }

  void reset_cause() { bubble_cause_ = CycleClass::starved; }

  /// One cycle without hold: issues into `issued`, pops the queue if free, and says which class the cycle is
  /// in.
  CycleClass clock(ActivationQueue& queue, IssuedEntry& issued, std::uint64_t cycle) {
    issued.valid = false;
    CycleClass cycle_class = bubble_cause_;
    bool free = true;
    if (valid_) {
      cycle_class = occupy(issued);
      free = next_ == end_;
      if (cycle_class == CycleClass::pointer) {
        last_lookup_cycle_ = cycle;
        looked_up_ = true;
      }
    }
    if (free) {
      take_next(queue);
    }
    return cycle_class;
  }

  /// Cycles at or after `end` in which empty columns were still being looked up.
  std::uint64_t lookup_cycles_from(std::uint64_t end) const {
    return looked_up_ && last_lookup_cycle_ >= end ? last_lookup_cycle_ + 1 - end : 0;
  }

  void add_events_to(PeEventCounts& events) const { events[PeEvent::pointer_reads] += reads_; }

 private:
  CycleClass occupy(IssuedEntry& issued) {
    bool may_issue = true;
    if (first_cycle_) {
      next_ = pointers_[column_];
      end_ = pointers_[column_ + 1];
      ++reads_;
      first_entry_ = true;
      first_cycle_ = false;
      may_issue = prefetch_;
      prefetch_host_cache(memory_->codes.data() + next_);
      prefetch_host_cache(memory_->zeros.data() + next_);
    }
    if (!may_issue || next_ == end_) {
      return CycleClass::pointer;
    }
    issued.valid = true;
    issued.first = first_entry_;
    issued.number = next_;
    issued.value = value_;
    first_entry_ = false;
    ++next_;
    return CycleClass::busy;
  }

  void take_next(ActivationQueue& queue) {
    valid_ = !queue.empty();
    if (!valid_) {
      bubble_cause_ = queue.cause();
      return;
    }
    column_ = queue.front().column;
    value_ = queue.front().value;
    first_cycle_ = true;
    prefetch_host_cache(pointers_ + column_);
    queue.pop();
  }

  /// A hint to the computer that simulates, without effect on the machine: what this PE needs in its next
  /// cycle is fetched while the kernel steps the other PEs. Half of the simulation time was waiting for these
  /// loads.
  static void prefetch_host_cache(const void* address) { __builtin_prefetch(address); }

  alignas(64) const PeMemory* memory_ = nullptr;
  const std::uint32_t* pointers_ = nullptr;
  std::uint32_t column_ = 0;
  std::int32_t value_ = 0;
  std::uint32_t next_ = 0;
  std::uint32_t end_ = 0;
  bool valid_ = false;
  bool first_cycle_ = false;
  bool first_entry_ = false;
  const bool prefetch_;
  bool looked_up_ = false;
  CycleClass bubble_cause_ = CycleClass::starved;
  std::uint64_t last_lookup_cycle_ = 0;
  std::uint64_t reads_ = 0;
};

}  // namespace lacuna::eie::systemc
