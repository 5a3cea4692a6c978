#pragma once

#include <cstdint>

#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/phase_timeline.h"
#include "models/eie/timeline/schedule.h"

namespace lacuna::eie {

/// A slice of a compute phase, as the recurrences need it.
struct SliceWork {
  const SliceColumns* columns;
  const std::uint32_t* gaps;
  const SliceSchedule* schedule;
};

/// The recurrences over one slice, one function for each kind of pipeline: without pointer prefetch (where
/// columns never touch, so that no accumulator is met), with prefetch and bypass, with prefetch and hold.
void advance_without_prefetch(PhaseState& state, const ColumnCounts& counts, const SliceWork& work);
void advance_with_bypass(PhaseState& state, const ColumnCounts& counts, const SliceWork& work);
void advance_with_interlock(PhaseState& state, const ColumnCounts& counts, const SliceWork& work);

}  // namespace lacuna::eie
