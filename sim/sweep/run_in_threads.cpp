#include <mutex>
#include <utility>

#include "models/common/parallel_for.h"
#include "sim/sweep/runners.h"

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

}  // namespace lacuna
