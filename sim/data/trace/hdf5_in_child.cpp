#include "sim/data/trace/hdf5_in_child.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <new>
#include <system_error>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "models/common/child_process.h"
#include "models/common/error.h"

namespace lacuna::hdf5 {
namespace {

constexpr const char* intact =
    "an undamaged file (in Python: h5py.File(..., libver=\"v110\") writes one whose metadata have checksums)";

std::uint64_t bytes_in_use() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t pages = 0;
  file >> pages;
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

void limit(int resource, std::uint64_t most) {
  rlimit now{};
  if (getrlimit(static_cast<__rlimit_resource_t>(resource), &now) == 0) {
    now.rlim_cur = std::min<rlim_t>(most, now.rlim_max);
    setrlimit(static_cast<__rlimit_resource_t>(resource), &now);
  }
}

/// A dataset can be as large as deflate lets it; it is held twice, as numbers and on its way to the parent.
void limit_child(const std::string& path) {
  std::error_code error;
  const std::uint64_t file_bytes = std::filesystem::file_size(path, error);
  constexpr std::uint64_t spare_bytes = std::uint64_t{1} << 30;
  const std::uint64_t data_bytes = std::min(file_bytes * 4, Dataset::max_bytes) * 8 + spare_bytes;
  limit(RLIMIT_AS, bytes_in_use() + std::min(data_bytes, 4 * Dataset::max_bytes));
  constexpr std::uint64_t least_seconds = 20;
  constexpr std::uint64_t bytes_a_second = std::uint64_t{4} << 20;
  limit(RLIMIT_CPU, least_seconds + file_bytes / bytes_a_second);
  limit(RLIMIT_CORE, 0);
}

/// What the C library or a sanitizer says of a library's fault is not for the user, who gets one line.
void silence_child() {
  const int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nothing >= 0) {
    dup2(nothing, STDERR_FILENO);
    close(nothing);
  }
}

}  // namespace

std::string read_in_child(const std::string& path, const std::function<std::string(const InputFile&)>& read) {
  try {
    return call_in_child([&] {
      silence_child();
      limit_child(path);
      return read(InputFile(path, Metadata::unchecked));
    });
  } catch (const InputDataError&) {
    throw;
  } catch (const Error&) {
    throw InputDataError({path, 0, ""}, "is damaged: the HDF5 library fails on it", intact);
  } catch (const std::bad_alloc&) {
    throw InputDataError({path, 0, ""}, "asks for more memory than its size can need", intact);
  }
}

void CheckedReader::check(bool fits) const {
  if (!fits) {
    throw InputDataError({path_, 0, ""}, "is damaged: the HDF5 library fails on it", intact);
  }
}

void CheckedReader::take(void* to, std::size_t count) {
  check(count <= bytes_.size() - next_);
  if (count > 0) {
    std::memcpy(to, bytes_.data() + next_, count);
    next_ += count;
  }
}

}  // namespace lacuna::hdf5
