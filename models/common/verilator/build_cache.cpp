#include "models/common/verilator/build_cache.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "models/common/error.h"

namespace lacuna {

namespace fs = std::filesystem;

namespace {

/// An exclusive lock on a file, freed at the latest when the process ends.
class FileLock {
 public:
  explicit FileLock(const fs::path& path)
      : descriptor_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (descriptor_ < 0) {
      throw ConfigurationError({path.string(), 0, {}}, "cannot write the cache of compiled machines");
    }
    while (flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock() { close(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace

fs::path cached_folder(const fs::path& cache, const std::string& key,
                       const std::function<void(const fs::path&)>& build) {
  fs::path entry = cache / key;
  if (fs::exists(entry)) {
    return entry;
  }
  std::error_code error;
  fs::create_directories(cache, error);
  const FileLock lock(cache / (key + ".lock"));
  if (fs::exists(entry)) {
    return entry;
  }
  const fs::path unfinished = cache / ("unfinished-" + key);
  const fs::path failed = cache / ("failed-" + key);
  fs::remove_all(unfinished);
  fs::remove_all(failed);
  fs::create_directories(unfinished);
  try {
    build(unfinished);
  } catch (...) {
    fs::rename(unfinished, failed, error);
    throw;
  }
  fs::rename(unfinished, entry);
  return entry;
}

}  // namespace lacuna
