#pragma once

#include "models/common/run_trace.h"
#include "models/eie/counters.h"
#include "models/eie/parameters.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/schedule.h"

namespace lacuna::eie {

/// Who is told which cycles of which PE are of which class; null: nobody.
struct ClassTimes {
  ClassIntervals* intervals = nullptr;
  RunTrace* trace = nullptr;  ///< also told of queues and phases
};

/// Tells of the cycle classes of one run, and ends the run there. Follows the same recurrences as
/// PhaseTimeline, but notes which cycles are of which class, one PE after the other in plain steps: for runs
/// that ask for times alone.
void note_class_times(const Parameters& parameters, const ColumnCounts& counts, const Schedule& schedule,
                      const ClassTimes& times);

}  // namespace lacuna::eie
