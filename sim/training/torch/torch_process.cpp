#include "sim/training/torch/torch_process.h"

#include <limits>
#include <mutex>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <torch/csrc/api/include/torch/version.h>

namespace lacuna {
namespace {

/// The linear algebra that libtorch is linked with follows this where it is OpenBLAS; it starts a thread for
/// each processor otherwise.
void set_blas_threads(std::uint32_t threads) {
  using SetThreads = void (*)(int);
  if (auto* const set = reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) {
    set(static_cast<int>(threads));
  }
}

/// What is the process', once: networks may be made in several threads while others compute.
void set_up_process(std::uint32_t threads) {
  static std::mutex mutex;
  static std::uint32_t set = 0;
  const std::lock_guard<std::mutex> lock(mutex);
  if (set != threads) {
    set_blas_threads(threads);
    at::globalContext().setDeterministicAlgorithms(true, false);
    set = threads;
  }
}

std::string blas_description() {
  using GetConfig = char* (*)();
  if (auto* const get = reinterpret_cast<GetConfig>(dlsym(RTLD_DEFAULT, "openblas_get_config"))) {
    return get();
  }
  return "another BLAS than OpenBLAS";
}

/// The instructions that libtorch uses here, such as AVX2, from its own report.
std::string cpu_capability() {
  const std::string report = at::show_config();
  const std::string key = "CPU capability usage: ";
  const std::size_t start = report.find(key);
  return start == std::string::npos
             ? "unknown"
             : report.substr(start + key.size(), report.find('\n', start) - start - key.size());
}

}  // namespace

void set_torch_threads(std::uint32_t threads) {
  at::set_num_threads(static_cast<int>(threads));  // of this thread
  set_up_process(threads);
}

void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int mapped_bytes = 1 << 25;  // the most that glibc takes
  mallopt(M_MMAP_THRESHOLD, mapped_bytes);
  mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
}

std::string torch_description(std::uint32_t threads) {
  return fmt::format("libtorch {}, CPU capability {}, {}, {} thread{}", TORCH_VERSION, cpu_capability(),
                     blas_description(), threads, threads == 1 ? "" : "s");
}

}  // namespace lacuna
