#pragma once

#include "models/eie/counters.h"
#include "models/eie/parameters.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/schedule.h"

namespace lacuna::eie {

/// Adds the cycle classes of one run to `intervals`, and ends the run there. Follows the same recurrences as
/// PhaseTimeline, but notes which cycles are of which class, one PE after the other in plain steps: for runs
/// that ask for intervals alone.
void count_interval_classes(const Parameters& parameters, const ColumnCounts& counts,
                            const Schedule& schedule, ClassIntervals& intervals);

}  // namespace lacuna::eie
