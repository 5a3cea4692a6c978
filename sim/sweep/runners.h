#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/run/engine_factory.h"
#include "sim/sweep/point_counts.h"
#include "sim/sweep/point_timing.h"
#include "sim/sweep/prepared_workloads.h"
#include "sim/sweep/sweep.h"

namespace lacuna {

/// Takes the outcome of a point, in no particular order; called in the thread that started the runner.
using OutcomeSink = std::function<void(std::uint64_t point, PointOutcome outcome)>;

/// Called now and then in the same thread; may throw to stop the runner, which then ends its workers.
using RunnerPulse = std::function<void()>;

/// Runs points on the timeline engine in `threads` threads of their own. An error that is no point's own
/// (out of memory, an error of the sink) stops all and is thrown.
void run_in_threads(const Sweep& sweep, std::vector<std::uint64_t> points, const PointTiming& timing,
                    unsigned threads, const OutcomeSink& sink, const RunnerPulse& pulse);

/// Runs points on an engine of which a process can have only one, in up to `processes` child processes, one
/// for each point. `workloads` must keep their matrices; the calling process must have no other threads. A
/// child that dies by itself is the point's error; one that is killed is an Error.
void run_in_processes(const Sweep& sweep, const std::vector<std::uint64_t>& points,
                      const PreparedWorkloads& workloads, EngineKind engine, const EngineOptions& options,
                      unsigned processes, const OutcomeSink& sink, const RunnerPulse& pulse);

}  // namespace lacuna
