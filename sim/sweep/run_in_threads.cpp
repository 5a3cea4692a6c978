#include <algorithm>
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

/// Points that follow each other in the order that shares most.
struct Batch {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Points that share column counts stay together, so that each thread makes those of its own batch; large
/// groups are cut so that every thread gets a part.
constexpr std::size_t largest_batch = 32;

std::vector<Batch> make_batches(const Sweep& sweep, std::vector<std::uint64_t>& points) {
  std::vector<std::pair<SharingKey, std::uint64_t>> keyed;
  keyed.reserve(points.size());
  for (const std::uint64_t number : points) {
    keyed.emplace_back(sharing_key(sweep.point(number)), number);
  }
  std::sort(keyed.begin(), keyed.end());
  const auto same_counts = [](SharingKey a, SharingKey b) {
    std::get<5>(a) = std::get<5>(b);  // row reads are cheap
    return a == b;
  };
  std::vector<Batch> batches;
  for (std::size_t i = 0; i < keyed.size(); ++i) {
    points[i] = keyed[i].second;
    const bool first = batches.empty() || batches.back().end - batches.back().begin == largest_batch ||
                       !same_counts(keyed[i - 1].first, keyed[i].first);
    if (first) {
      batches.push_back({i, i});
    }
    ++batches.back().end;
  }
  return batches;
}

class ThreadRun {
 public:
  ThreadRun(const Sweep& sweep, std::vector<std::uint64_t> points, const PointTiming& timing)
      : sweep_(sweep), points_(std::move(points)), timing_(timing), batches_(make_batches(sweep, points_)) {}

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
      for (std::size_t next = next_++; next < batches_.size() && !stop_; next = next_++) {
        for (std::size_t i = batches_[next].begin; i < batches_[next].end && !stop_; ++i) {
          PointOutcome outcome = timing_.run(sweep_.point(points_[i]));
          const std::lock_guard<std::mutex> lock(mutex_);
          finished_.emplace_back(points_[i], std::move(outcome));
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
  std::vector<std::uint64_t> points_;
  const PointTiming& timing_;
  const std::vector<Batch> batches_;
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

void run_in_threads(const Sweep& sweep, std::vector<std::uint64_t> points, const PointTiming& timing,
                    unsigned threads, const OutcomeSink& sink, const RunnerPulse& pulse) {
  ThreadRun(sweep, std::move(points), timing).run(threads, sink, pulse);
}

}  // namespace lacuna
