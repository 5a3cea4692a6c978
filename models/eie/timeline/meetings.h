#pragma once

#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/slice_schedule.h"

namespace lacuna::eie {

/// Fills in `meeting_starts` and `meeting_pes` of a slice. `carry` comes from the slice before in the same
/// phase and is made ready for the next.
void find_meetings(const ColumnCounts& counts, const SliceColumns& slice, CarriedLast& carry,
                   SliceSchedule& out);

}  // namespace lacuna::eie
