#pragma once

#include <ctime>

namespace lacuna::benchmark {

/// Processor time of this thread in seconds: what others do on the machine counts as little as possible.
inline double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Shortest of `turns` runs of `work`, in seconds of processor time.
template <class Work>
double best_seconds(int turns, Work&& work) {
  double best = 1e30;
  for (int turn = 0; turn < turns; ++turn) {
    const double begin = thread_seconds();
    work();
    const double seconds = thread_seconds() - begin;
    best = seconds < best ? seconds : best;
  }
  return best;
}

}  // namespace lacuna::benchmark
