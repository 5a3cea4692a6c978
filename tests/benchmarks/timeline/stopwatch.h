#pragma once

#include <chrono>

namespace lacuna::benchmark {

/// Shortest of `turns` runs of `work`, in seconds: what the machine can do when nothing disturbs it.
template <class Work>
double best_seconds(int turns, Work&& work) {
  double best = 1e30;
  for (int turn = 0; turn < turns; ++turn) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    best = seconds < best ? seconds : best;
  }
  return best;
}

}  // namespace lacuna::benchmark
