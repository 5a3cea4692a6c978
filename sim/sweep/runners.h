#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/sweep/sweep.h"

namespace lacuna {

/// Takes the outcome of a point, in no particular order; called in the thread that started the runner.
using OutcomeSink = std::function<void(std::uint64_t point, PointOutcome outcome)>;

/// Called now and then in the same thread; may throw to stop the runner, which then ends its workers.
using RunnerPulse = std::function<void()>;

/// The sweep's points with these numbers.
std::vector<SweepPoint> points_of(const Sweep& sweep, const std::vector<std::uint64_t>& numbers);

/// Runs points on the timeline engine in `threads` threads of their own. An error that is no point's own
/// (out of memory, an error of the sink) stops all and is thrown.
void run_in_threads(const Sweep& sweep, const std::vector<SweepPoint>& points, const PointRunner& runner,
                    unsigned threads, const OutcomeSink& sink, const RunnerPulse& pulse);

/// Runs points on an engine of which a process can have only one, in up to `processes` child processes, one
/// for each point. The calling process must have no other threads. A child that dies by itself is the point's
/// error; one that is killed is an Error.
void run_in_processes(const std::vector<SweepPoint>& points, const PointRunner& runner, unsigned processes,
                      const OutcomeSink& sink, const RunnerPulse& pulse);

}  // namespace lacuna
