// How fast the store of a large sweep opens, and what it takes.
//   benchmark_store [POINTS]      default 100,000

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <sys/resource.h>

#include "models/common/checksum.h"
#include "sim/eie/sweep/eie_metrics.h"
#include "sim/sweep/sweep_folder.h"
#include "tests/temporary_folder.h"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::string hash_of(unsigned long point) {
  const std::string text = fmt::format("point {}", point);
  return lacuna::sha256_bytes(text.data(), text.size());
}

long peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

}  // namespace

int main(int argc, char** argv) {
  const unsigned long points = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100000;
  const lacuna::test::TemporaryFolder folder;
  const std::string path = folder.file("sweep.sqlite");
  const std::string sweep(64, 'a');
  {
    lacuna::SweepStore store(path, sweep);
    lacuna::LayerCounts layer;
    layer.name = "layer";
    const auto begin = Clock::now();
    for (unsigned long i = 0; i < points; ++i) {
      store.put(hash_of(i), {{}, lacuna::encode_counts({layer})});
    }
    store.commit();
    std::printf("%lu points stored in %.2f s, %.1f MB\n", points, seconds_since(begin),
                static_cast<double>(std::filesystem::file_size(path)) / 1e6);
  }
  const auto begin = Clock::now();
  const lacuna::SweepStore store(path, sweep);
  const double opened = seconds_since(begin);
  unsigned long known = 0;
  for (unsigned long i = 0; i < points; ++i) {
    known += store.has(hash_of(i)) ? 1 : 0;
  }
  std::printf("opened in %.4f s, %lu points found after %.3f s, peak %ld MiB\n", opened, known,
              seconds_since(begin), peak_mib());
  return known == points ? 0 : 1;
}
