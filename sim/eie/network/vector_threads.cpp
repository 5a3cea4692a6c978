#include "sim/eie/network/vector_threads.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace lacuna {

void in_vector_threads(
    std::size_t workers, std::size_t size, std::size_t group,
    const std::function<void(std::size_t worker, std::size_t begin, std::size_t end)>& work,
    const StreamProgress& progress) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto loop = [&](std::size_t worker) {
    try {
      for (std::size_t begin = next.fetch_add(group); begin < size; begin = next.fetch_add(group)) {
        if (worker == 0 && progress) {
          progress(begin);
        }
        work(worker, begin, std::min(begin + group, size));
      }
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex);
      failure = failure ? failure : std::current_exception();
      next = size;
    }
  };
  std::vector<std::thread> threads;
  const std::size_t used = std::min(workers, (size + group - 1) / group);
  for (std::size_t worker = 1; worker < used; ++worker) {
    threads.emplace_back(loop, worker);
  }
  loop(0);
  for (std::thread& thread : threads) {
    thread.join();
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
}

}  // namespace lacuna
