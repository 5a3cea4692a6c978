#include <atomic>
#include <string>

#include "models/common/parallel_for.h"
#include "models/common/version.h"

/// Sum of 0 to 99, by two threads.
int sum_of_parts() {
  std::atomic<int> sum{0};
  lacuna::parallel_for({100, 7, 2}, [&](const lacuna::ParallelPart& part) {
    for (std::size_t i = part.begin; i < part.end; ++i) {
      sum += static_cast<int>(i);
    }
  });
  return std::string(lacuna::program_version()).empty() ? -1 : sum.load();
}
