#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <unistd.h>

namespace lacuna::fuzz {

/// Name for mkstemp and mkdtemp, in memory where the system has such a folder.
inline std::string temporary_name() {
  return std::string(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp") + "/lacuna-fuzz-XXXXXX";
}

/// The bytes as a file that readers can open by its path.
class InputFile {
 public:
  InputFile(const std::uint8_t* bytes, std::size_t size) {
    const int descriptor = mkstemp(path_.data());
    if (descriptor < 0 || write(descriptor, bytes, size) != static_cast<ssize_t>(size)) {
      std::abort();
    }
    close(descriptor);
  }
  ~InputFile() { unlink(path_.c_str()); }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_ = temporary_name();
};

/// Reads an input with `act`. Lacuna's errors are what hostile input is meant to give; any other exception
/// gets through and is a find.
template <class Error, class Act>
void expect_error_or_none(Act&& act) {
  try {
    act();
  } catch (const Error&) {
  }
}

}  // namespace lacuna::fuzz
