#include "tests/benchmarks/common/measure.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>

#include <sys/wait.h>
#include <unistd.h>

namespace lacuna::benchmark {

double processor_seconds(const std::function<void()>& work) {
  const auto now = [] {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double begin = now();
  work();
  return now() - begin;
}

double in_child(const std::function<double()>& measure) {
  int ends[2];
  if (::pipe(ends) != 0) {
    std::exit(1);
  }
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      const double value = measure();
      ::_exit(::write(ends[1], &value, sizeof value) == sizeof value ? 0 : 1);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "error: %s\n", error.what());
      ::_exit(1);
    }
  }
  ::close(ends[1]);
  double value = 0;
  if (::read(ends[0], &value, sizeof value) != sizeof value) {
    std::exit(1);
  }
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return value;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace lacuna::benchmark
