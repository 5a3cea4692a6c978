#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

namespace lacuna::fuzz {

/// The bytes as a file that readers can open by its path; it lives in memory.
class InputFile {
 public:
  InputFile(const std::uint8_t* bytes, std::size_t size) : descriptor_(memfd_create("fuzz", MFD_CLOEXEC)) {
    if (descriptor_ < 0 || write(descriptor_, bytes, size) != static_cast<ssize_t>(size)) {
      std::abort();
    }
  }
  ~InputFile() { close(descriptor_); }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
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
