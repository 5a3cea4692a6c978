#include "sim/sweep/runners.h"

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/common/parallel_for.h"
#include "models/common/process_pool.h"

namespace lacuna {
namespace {

using Outcome = std::pair<std::uint64_t, PointOutcome>;

/// Outcomes on their way from the workers to the thread that started them.
class FinishedPoints {
 public:
  void add(std::uint64_t number, PointOutcome outcome) {
    const std::lock_guard<std::mutex> lock(mutex_);
    outcomes_.emplace_back(number, std::move(outcome));
  }
  std::vector<Outcome> take() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(outcomes_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<Outcome> outcomes_;
};

}  // namespace

std::vector<SweepPoint> points_of(const Sweep& sweep, const std::vector<std::uint64_t>& numbers) {
  std::vector<SweepPoint> points;
  points.reserve(numbers.size());
  for (const std::uint64_t number : numbers) {
    points.push_back(sweep.point(number));
  }
  return points;
}

void run_in_threads(const Sweep& sweep, const std::vector<SweepPoint>& points, const PointRunner& runner,
                    unsigned threads, const OutcomeSink& sink, const RunnerPulse& pulse) {
  const std::vector<std::vector<std::uint64_t>> groups = runner.groups(points);
  FinishedPoints finished;
  const auto work = [&](const ParallelPart& part) {
    for (const std::uint64_t number : groups[part.begin]) {
      if (part.stopped) {
        return;
      }
      finished.add(number, runner.run(sweep.point(number)));
    }
  };
  parallel_for_watched({groups.size(), 1, threads}, work, [&] {
    for (Outcome& outcome : finished.take()) {
      sink(outcome.first, std::move(outcome.second));
    }
    pulse();
  });
}

namespace {

/// First byte of what a child sends; the rest is the counts or the message.
constexpr char counts_reply = 'c';
constexpr char point_error_reply = 'p';
constexpr char other_error_reply = 'o';

std::string reply_of(const std::function<PointOutcome()>& task) {
  try {
    const PointOutcome outcome = task();
    return outcome.failed() ? point_error_reply + outcome.error : counts_reply + outcome.counts;
  } catch (const std::exception& error) {
    return other_error_reply + std::string(error.what());
  }
}

PointOutcome outcome_of(const ProcessPool::Reply& reply) {
  if (reply.signal != 0) {
    const std::string message = fmt::format("the engine's process was ended by signal {}", reply.signal);
    if (reply.signal == SIGKILL || reply.signal == SIGTERM) {
      throw Error({}, message);
    }
    return {message, {}};
  }
  const std::string rest = reply.bytes.empty() ? std::string() : reply.bytes.substr(1);
  switch (reply.bytes.empty() ? '\0' : reply.bytes.front()) {
    case counts_reply:
      return {{}, rest};
    case point_error_reply:
      return {rest, {}};
    default:
      throw Error({}, rest.empty() ? "the engine's process ended without a result" : rest);
  }
}

void start(ProcessPool& pool, const SweepPoint& point, const PointRunner& runner, const OutcomeSink& sink) {
  std::function<PointOutcome()> task;
  try {
    task = runner.task(point);
  } catch (const ConfigurationError& error) {
    sink(point.number, {error.what(), {}});
    return;
  }
  pool.start(point.number, [&task] { return reply_of(task); });
}

}  // namespace

void run_in_processes(const std::vector<SweepPoint>& points, const PointRunner& runner, unsigned processes,
                      const OutcomeSink& sink, const RunnerPulse& pulse) {
  ProcessPool pool;
  for (std::size_t next = 0; next < points.size() || pool.running() > 0;) {
    while (next < points.size() && pool.running() < processes) {
      start(pool, points[next++], runner, sink);
    }
    pool.receive([&sink](const ProcessPool::Reply& reply) { sink(reply.task, outcome_of(reply)); });
    pulse();
  }
}

namespace {

void run_with(const PointRunner& runner, const Sweep& sweep, const std::vector<SweepPoint>& points,
              const std::string& engine, unsigned jobs, const OutcomeSink& sink, const RunnerPulse& pulse) {
  if (find_engine(sweep.family->engines(), engine)->one_per_process) {
    run_in_processes(points, runner, jobs, sink, pulse);
  } else {
    run_in_threads(sweep, points, runner, jobs, sink, pulse);
  }
}

}  // namespace

namespace {

std::vector<SweepPoint> one_of_each_workload(const PointTask& task) {
  std::vector<SweepPoint> found;
  std::set<std::size_t> seen;
  for (const std::uint64_t number : task.points) {
    SweepPoint point = task.sweep.point(number);
    if (seen.insert(task.sweep.space->workload_of(point.choices)).second) {
      found.push_back(std::move(point));
    }
  }
  return found;
}

}  // namespace

/// Points and their groups are spelt out for so many at a time, which bounds the memory of large sweeps.
void run_here(const PointTask& task, unsigned jobs, const OutcomeSink& sink, const RunnerPulse& pulse) {
  constexpr std::size_t at_a_time = 1 << 16;
  const auto runner = task.sweep.space->runner(one_of_each_workload(task), task.engine, task.surroundings);
  for (std::size_t done = 0; done < task.points.size(); done += at_a_time) {
    const auto begin = task.points.begin() + static_cast<std::ptrdiff_t>(done);
    const auto count = static_cast<std::ptrdiff_t>(std::min(at_a_time, task.points.size() - done));
    const std::vector<SweepPoint> points = points_of(task.sweep, {begin, begin + count});
    run_with(*runner, task.sweep, points, task.engine, jobs, sink, pulse);
  }
}

void BatchRunner::run(const std::vector<std::uint64_t>& points, const std::string& engine,
                      const OutcomeSink& sink, const RunnerPulse& pulse) {
  if (points.empty()) {
    return;
  }
  const std::vector<SweepPoint> batch = points_of(sweep_, points);
  const std::size_t workload = sweep_.space->workload_of(batch.front().choices);
  if (runner_ == nullptr || engine != engine_ || workload != workload_) {
    runner_.reset();  // first: both at once may be too much
    runner_ = sweep_.space->runner(batch, engine, surroundings_);
    engine_ = engine;
    workload_ = workload;
  }
  run_with(*runner_, sweep_, batch, engine, jobs_, sink, pulse);
}

}  // namespace lacuna
