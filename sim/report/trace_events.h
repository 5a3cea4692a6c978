#pragma once

#include <string>

#include "models/common/run_trace.h"

namespace lacuna {

/// A run over time as Chrome trace events (JSON Object Format), which Perfetto and chrome://tracing open. A
/// microsecond on their screens is a cycle. Process 1 has the work (a thread for layers, phases or frames),
/// process 2 a thread for each PE or unit with its cycle classes, process 3 a counter for each queue or FIFO.
/// Where the resolution is coarser than a cycle, spans with several classes bear the name of that with the
/// most cycles and have the counts of each as arguments, and counters are means; `otherData` tells the
/// resolutions. Without gaps: a lane's cycles sum to its classes' counts.
std::string trace_events(const RunTrace& trace, const std::string& title);

}  // namespace lacuna
