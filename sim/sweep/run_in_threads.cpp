#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "sim/sweep/runners.h"

namespace lacuna {
namespace {

class ThreadRun {
 public:
  ThreadRun(const Sweep& sweep, const std::vector<SweepPoint>& points, const PointRunner& runner)
      : sweep_(sweep), runner_(runner), groups_(runner.groups(points)) {}

  void run(unsigned threads, const OutcomeSink& sink, const RunnerPulse& pulse) {
    std::vector<std::thread> workers;
    try {
      for (unsigned i = 0; i < threads; ++i) {
        workers.emplace_back([this] { work(); });
        const std::lock_guard<std::mutex> lock(mutex_);
        ++started_;
      }
      receive(sink, pulse);
    } catch (...) {
      stop_ = true;
      join(workers);
      throw;
    }
    join(workers);
    if (failure_) {
      std::rethrow_exception(failure_);
    }
  }

 private:
  using Outcome = std::pair<std::uint64_t, PointOutcome>;

  static void join(std::vector<std::thread>& workers) {
    for (std::thread& worker : workers) {
      worker.join();
    }
  }

  void work() {
    try {
      for (std::size_t next = next_++; next < groups_.size() && !stop_; next = next_++) {
        for (std::size_t i = 0; i < groups_[next].size() && !stop_; ++i) {
          const std::uint64_t number = groups_[next][i];
          PointOutcome outcome = runner_.run(sweep_.point(number));
          const std::lock_guard<std::mutex> lock(mutex_);
          finished_.emplace_back(number, std::move(outcome));
        }
      }
    } catch (...) {
      stop_ = true;
      const std::lock_guard<std::mutex> lock(mutex_);
      failure_ = std::current_exception();
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    ++ended_;
    changed_.notify_one();
  }

  /// Hands on what is finished until all workers have ended.
  void receive(const OutcomeSink& sink, const RunnerPulse& pulse) {
    constexpr auto patience = std::chrono::milliseconds(50);
    for (bool all_ended = false; !all_ended;) {
      std::vector<Outcome> outcomes;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait_for(lock, patience, [this] { return ended_ == started_; });
        all_ended = ended_ == started_;
        outcomes.swap(finished_);
      }
      for (Outcome& outcome : outcomes) {
        sink(outcome.first, std::move(outcome.second));
      }
      pulse();
    }
  }

  const Sweep& sweep_;
  const PointRunner& runner_;
  const std::vector<std::vector<std::uint64_t>> groups_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Outcome> finished_;
  std::exception_ptr failure_;
  unsigned started_ = 0;
  unsigned ended_ = 0;
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
  ThreadRun(sweep, points, runner).run(threads, sink, pulse);
}

}  // namespace lacuna
