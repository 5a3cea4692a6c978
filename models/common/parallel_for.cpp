#include "models/common/parallel_for.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <numeric>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "models/common/error.h"

namespace lacuna {
namespace {

/// The threads of one loop. They have ended when it goes, whatever made it go.
class Team {
 public:
  Team(const ParallelLoop& loop, const ParallelWork& work)
      : loop_(loop),
        group_(std::max<std::size_t>(loop.group, 1)),
        workers_(std::min(std::max<std::size_t>(loop.threads, 1), parts())),
        work_(work) {
    helpers_.reserve(workers_);
  }
  ~Team() {
    stopped_ = true;
    join();
  }
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  void run() {
    start_helpers(1);
    take_parts(0);
    join();
    throw_failure();
  }

  void run_watched(const std::function<void()>& watch) {
    const std::string refusal = start_helpers(0);
    if (helpers_.empty() && workers_ > 0) {
      throw Error({}, "cannot start a thread: " + refusal);
    }
    constexpr auto patience = std::chrono::milliseconds(50);
    for (bool all_ended = false; !all_ended;) {
      {
        std::unique_lock<std::mutex> lock(mutex_);
        all_ended = changed_.wait_for(lock, patience, [this] { return ended_ == helpers_.size(); });
      }
      watch();
    }
    join();
    throw_failure();
  }

 private:
  std::size_t parts() const { return loop_.size / group_ + (loop_.size % group_ == 0 ? 0 : 1); }

  /// Starts the workers from `first` on, and says why there are not more.
  std::string start_helpers(std::size_t first) {
    try {
      for (std::size_t worker = first; worker < workers_; ++worker) {
        helpers_.emplace_back([this, worker] {
          take_parts(worker);
          const std::lock_guard<std::mutex> lock(mutex_);
          ++ended_;
          changed_.notify_one();
        });
      }
    } catch (const std::system_error& error) {
      return error.code().message();
    } catch (const std::bad_alloc&) {
      return "not enough memory";
    }
    return {};
  }

  void take_parts(std::size_t worker) {
    try {
      for (std::size_t part = next_++; part < parts() && !stopped_; part = next_++) {
        const std::size_t begin = part * group_;
        work_({worker, begin, begin + std::min(group_, loop_.size - begin), stopped_});
      }
    } catch (...) {
      stopped_ = true;
      const std::lock_guard<std::mutex> lock(mutex_);
      failure_ = failure_ ? failure_ : std::current_exception();
    }
  }

  void join() {
    for (std::thread& helper : helpers_) {
      helper.join();
    }
    helpers_.clear();
  }

  void throw_failure() const {
    if (failure_) {
      std::rethrow_exception(failure_);
    }
  }

  const ParallelLoop loop_;
  const std::size_t group_;
  const std::size_t workers_;
  const ParallelWork& work_;
  std::vector<std::thread> helpers_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t ended_ = 0;       ///< helpers, under the mutex
  std::exception_ptr failure_;  ///< the first, under the mutex
};

}  // namespace

void parallel_for(const ParallelLoop& loop, const ParallelWork& work) {
  Team(loop, work).run();
}

std::vector<std::size_t> largest_first(const std::vector<double>& sizes) {
  std::vector<std::size_t> order(sizes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return sizes[a] > sizes[b]; });
  return order;
}

void parallel_each(const std::vector<double>& sizes, std::size_t threads,
                   const std::function<void(std::size_t)>& work) {
  const std::vector<std::size_t> order =
      largest_first(threads > 1 ? sizes : std::vector<double>(sizes.size(), 0.0));
  std::atomic<std::size_t> first_failed{sizes.size()};
  std::vector<std::exception_ptr> failures(sizes.size());
  parallel_for({sizes.size(), 1, threads}, [&](const ParallelPart& part) {
    const std::size_t i = order[part.begin];
    if (i > first_failed) {
      return;
    }
    try {
      work(i);
    } catch (...) {
      failures[i] = std::current_exception();
      for (std::size_t first = first_failed; i < first && !first_failed.compare_exchange_weak(first, i);) {
      }
    }
  });
  if (first_failed < sizes.size()) {
    std::rethrow_exception(failures[first_failed]);
  }
}

void parallel_for_watched(const ParallelLoop& loop, const ParallelWork& work,
                          const std::function<void()>& watch) {
  Team(loop, work).run_watched(watch);
}

}  // namespace lacuna
