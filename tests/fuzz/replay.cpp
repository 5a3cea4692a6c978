// Runs a fuzz target over a folder of inputs, without libFuzzer: the tests replay the corpora with it.
//   fuzz_replay NAME FOLDER

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

#define LACUNA_FUZZ_TARGET(name) extern "C" int fuzz_##name(const std::uint8_t* bytes, std::size_t size);
#include "fuzz_targets.inc"
#undef LACUNA_FUZZ_TARGET

namespace {

using FuzzTarget = int (*)(const std::uint8_t* bytes, std::size_t size);

const std::map<std::string, FuzzTarget> targets = {
#define LACUNA_FUZZ_TARGET(name) {#name, fuzz_##name},
#include "fuzz_targets.inc"
#undef LACUNA_FUZZ_TARGET
};

constexpr unsigned seconds_per_input = 20;
constexpr long max_resident_kib = 512L * 1024;

std::vector<char> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

long peak_resident_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

}  // namespace

int main(int argc, char** argv) {
  const auto target = targets.find(argc == 3 ? argv[1] : "");
  if (target == targets.end()) {
    std::fputs("usage: fuzz_replay NAME FOLDER\n", stderr);
    return 2;
  }
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(argv[2])) {
    paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    std::printf("%s\n", path.c_str());
    std::fflush(stdout);  // the name stands there if this input ends the process
    const std::vector<char> bytes = read_file(path);
    alarm(seconds_per_input);
    target->second(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    alarm(0);
  }
  std::printf("%zu inputs, peak %ld KiB\n", paths.size(), peak_resident_kib());
  return paths.empty() || peak_resident_kib() > max_resident_kib ? 1 : 0;
}
