#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <vector>

namespace lacuna {

/// A loop that several threads share.
struct ParallelLoop {
  std::size_t size = 0;     ///< the indices are 0 to size - 1
  std::size_t group = 1;    ///< neighbouring indices that one worker takes at once; at least 1
  std::size_t threads = 1;  ///< at most as many work; fewer when the system does not give them
};

/// What one worker takes of a loop: the indices from `begin` up to, but not including, `end`.
struct ParallelPart {
  std::size_t worker = 0;  ///< below the loop's `threads`; no two threads have the same
  std::size_t begin = 0;
  std::size_t end = 0;
  const std::atomic<bool>& stopped;  ///< set once the loop fails: long work may look at it and leave its rest
};

using ParallelWork = std::function<void(const ParallelPart&)>;

/// Calls `work` for all parts of the loop, in ascending order of their beginnings. The calling thread is
/// worker 0; a helper thread that cannot be started is done without. The first exception stops the handing
/// out of parts and is thrown here when all threads have ended.
void parallel_for(const ParallelLoop& loop, const ParallelWork& work);

/// The indices of `sizes` from the largest to the smallest, equal ones in their order: work that is handed
/// out so ends for all threads at about the same time.
std::vector<std::size_t> largest_first(const std::vector<double>& sizes);

/// Calls `work` for each index of `sizes`: one thread as they come, several the largest first. Throws what
/// one would throw: the exception of the lowest index that fails. Of those behind it, what has not begun is
/// left out.
void parallel_each(const std::vector<double>& sizes, std::size_t threads,
                   const std::function<void(std::size_t)>& work);

/// The same in helper threads alone, while the calling thread calls `watch` about every 50 ms, and once when
/// all have ended. What `watch` throws stops the loop as well. Throws Error when no helper can be started.
void parallel_for_watched(const ParallelLoop& loop, const ParallelWork& work,
                          const std::function<void()>& watch);

}  // namespace lacuna
