#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
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

/// Points to run, and on what.
struct PointTask {
  const Sweep& sweep;
  const std::vector<std::uint64_t>& points;
  const std::string& engine;
  const SweepSurroundings& surroundings;
};

/// Runs points wherever it has hands for them; sinks and pulses as above.
using PointCrew =
    std::function<void(const PointTask& task, const OutcomeSink& sink, const RunnerPulse& pulse)>;

/// Runs points in this process: up to `jobs` threads, or child processes for engines of which a process can
/// have only one.
void run_here(const PointTask& task, unsigned jobs, const OutcomeSink& sink, const RunnerPulse& pulse);

/// Runs batch after batch in this process, and keeps between them what the points of a workload share. What
/// a workload needs is read with its first point, and let go with the first point of another.
class BatchRunner {
 public:
  BatchRunner(const Sweep& sweep, SweepSurroundings surroundings, unsigned jobs)
      : sweep_(sweep), surroundings_(std::move(surroundings)), jobs_(jobs) {}

  /// All points of one workload.
  void run(const std::vector<std::uint64_t>& points, const std::string& engine, const OutcomeSink& sink,
           const RunnerPulse& pulse);

 private:
  const Sweep& sweep_;
  const SweepSurroundings surroundings_;
  const unsigned jobs_;
  std::unique_ptr<PointRunner> runner_;
  std::string engine_;        ///< of the runner
  std::size_t workload_ = 0;  ///< likewise
};

}  // namespace lacuna
