#include <algorithm>
#include <chrono>
#include <new>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "models/common/child_process.h"
#include "models/common/error.h"
#include "models/common/parallel_for.h"
#include "tests/file_bytes.h"
#include "tests/no_threads.h"

using namespace lacuna;

namespace {

/// How often each index was worked on.
std::vector<int> visits_of(const ParallelLoop& loop) {
  std::vector<int> visits(loop.size);
  parallel_for(loop, [&](const ParallelPart& part) {
    for (std::size_t i = part.begin; i < part.end; ++i) {
      ++visits[i];
    }
  });
  return visits;
}

/// Waits until `others` workers are at work, so that each must have a part.
void meet(std::atomic<std::size_t>& arrived, std::size_t others) {
  ++arrived;
  while (arrived < others) {
    std::this_thread::yield();
  }
}

}  // namespace

TEST_CASE("every index is worked on once, however many threads and whatever the groups") {
  for (const std::size_t size : {0, 1, 7, 64, 65}) {
    for (const std::size_t group : {1, 8, 100}) {
      for (const std::size_t threads : {1, 3, 200}) {
        INFO(size << " in groups of " << group << " by " << threads);
        CHECK(visits_of({size, group, threads}) == std::vector<int>(size, 1));
      }
    }
  }
}

TEST_CASE("workers have numbers of their own, and the calling thread is the first") {
  std::atomic<std::size_t> arrived{0};
  std::vector<std::thread::id> threads(4);
  parallel_for({4, 1, 4}, [&](const ParallelPart& part) {
    meet(arrived, 4);
    threads[part.worker] = std::this_thread::get_id();
  });
  CHECK(threads[0] == std::this_thread::get_id());
  CHECK(std::set<std::thread::id>(threads.begin(), threads.end()).size() == 4);
}

TEST_CASE("an exception in any worker is thrown when all have ended, and nothing new is begun") {
  for (const std::size_t failing : {0, 1, 2}) {
    std::atomic<std::size_t> arrived{0};
    std::atomic<std::size_t> ended{0};
    const std::string message = test::message_of<std::runtime_error>([&] {
      parallel_for({1000, 1, 3}, [&](const ParallelPart& part) {
        meet(arrived, 3);
        if (part.worker == failing) {
          throw std::runtime_error("worker " + std::to_string(part.worker));
        }
        while (!part.stopped) {
          std::this_thread::yield();
        }
        ++ended;
      });
    });
    CHECK(message == "worker " + std::to_string(failing));
    CHECK(ended == 2);
  }
  CHECK_THROWS_AS(parallel_for({8, 1, 2}, [](const ParallelPart&) { throw std::bad_alloc(); }),
                  std::bad_alloc);
}

TEST_CASE("a watched loop works in other threads, and ends by what its watcher throws") {
  std::size_t calls = 0;
  std::atomic<std::size_t> done{0};
  const auto work = [&, caller = std::this_thread::get_id()](const ParallelPart&) {
    done += std::this_thread::get_id() == caller ? 0 : 1;
  };
  parallel_for_watched({20, 1, 2}, work, [&] { ++calls; });
  CHECK(done == 20);
  CHECK(calls > 0);
  parallel_for_watched({0, 1, 2}, work, [&] { ++calls; });
  CHECK(done == 20);
  const auto wait = [](const ParallelPart& part) {
    while (!part.stopped) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  };
  CHECK_THROWS_WITH(parallel_for_watched({20, 1, 2}, wait, [] { throw std::runtime_error("stop"); }), "stop");
  CHECK_THROWS_WITH(parallel_for_watched(
                        {20, 1, 2}, [](const ParallelPart&) { throw std::runtime_error("work"); }, [] {}),
                    "work");
}

TEST_CASE("of several failures the one with the lowest index is thrown, whichever came first") {
  for (const std::size_t threads : {1, 2, 4}) {
    INFO(threads << " threads");
    std::vector<int> visits(64);
    const std::vector<double> sizes(64, 1.0);
    parallel_each(sizes, threads, [&](std::size_t i) { ++visits[i]; });
    CHECK(visits == std::vector<int>(64, 1));
    std::atomic<bool> later_failed{false};
    const auto work = [&](std::size_t i) {
      if (i == 3) {
        // With several threads the later failure comes first.
        while (threads > 1 && !later_failed) {
          std::this_thread::yield();
        }
        throw std::runtime_error("three");
      }
      if (i == 4) {
        later_failed = true;
        throw std::runtime_error("four");
      }
    };
    CHECK_THROWS_WITH(parallel_each(sizes, threads, work), "three");
  }
}

TEST_CASE("several threads take the largest first, one takes all as they come") {
  const std::vector<double> sizes = {2.0, 5.0, 1.0, 5.0, 3.0};
  CHECK(largest_first(sizes) == std::vector<std::size_t>{1, 3, 4, 0, 2});
  std::vector<std::size_t> order;
  parallel_each(sizes, 1, [&](std::size_t i) { order.push_back(i); });
  CHECK(order == std::vector<std::size_t>{0, 1, 2, 3, 4});
  std::atomic<std::size_t> begun{0};
  std::vector<std::size_t> place(sizes.size());
  parallel_each(sizes, 2, [&](std::size_t i) {
    place[i] = begun++;
    while (begun < 2) {  // the first two at the same time
      std::this_thread::yield();
    }
  });
  CHECK(place[1] + place[3] == 1);
}

TEST_CASE("threads that the system does not give are done without") {
  const std::string reply = call_in_child([]() -> std::string {
    if (!test::allow_threads(1)) {
      return "skipped";
    }
    const std::vector<int> visits = visits_of({100, 3, 16});
    return std::all_of(visits.begin(), visits.end(), [](int n) { return n == 1; }) ? "all" : "not all";
  });
  if (reply == "skipped") {
    WARN("skipped: this user cannot be bound to a number of threads");
  } else {
    CHECK(reply == "all");
  }
}

TEST_CASE("a watched loop goes on with the threads that it gets, and without any is one error") {
  const auto watched_workers = [](rlim_t threads) {
    return call_in_child([threads]() -> std::string {
      if (!test::allow_threads(threads)) {
        return "skipped";
      }
      std::vector<int> visits(200);
      std::vector<int> workers(16);
      const auto work = [&](const ParallelPart& part) {
        ++visits[part.begin];
        ++workers[part.worker];
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      };
      const std::string error = test::message_of<Error>([&] {
        parallel_for_watched({visits.size(), 1, 16}, work, [] {});
      });
      const bool all = std::all_of(visits.begin(), visits.end(), [](int n) { return n == 1; });
      return error.empty() && all ? std::to_string(16 - std::count(workers.begin(), workers.end(), 0))
                                  : error;
    });
  };
  const std::string none = watched_workers(1);
  if (none == "skipped") {
    WARN("skipped: this user cannot be bound to a number of threads");
    return;
  }
  CHECK(none == "cannot start a thread: Resource temporarily unavailable");
  if (geteuid() != 0) {
    return;
  }
#ifdef __SANITIZE_THREAD__
  // ThreadSanitizer's own threads count among the allowed ones.
  const int workers = std::stoi(watched_workers(6));
  CHECK(workers >= 1);
  CHECK(workers <= 5);
#else
  CHECK(watched_workers(4) == "3");
#endif
}

TEST_CASE("threads for which there is no address space are done without") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  WARN("skipped: sanitizers reserve more than any limit");
#else
  const std::string reply = call_in_child([]() -> std::string {
    constexpr rlim_t bytes = 256 << 20;
    const rlimit limit = {bytes, bytes};
    if (setrlimit(RLIMIT_AS, &limit) != 0) {
      return "skipped";
    }
    const std::vector<int> visits = visits_of({2048, 1, 1024});
    return std::all_of(visits.begin(), visits.end(), [](int n) { return n == 1; }) ? "all" : "not all";
  });
  CHECK(reply == "all");
#endif
}
