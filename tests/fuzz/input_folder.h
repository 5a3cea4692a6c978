#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/fuzz/input_file.h"

namespace lacuna::fuzz {

/// A folder in which the input lies beside the files of tests/fuzz/files, so that it can refer to them by
/// their names. One for each process.
class InputFolder {
 public:
  InputFolder() {
    if (mkdtemp(folder_.data()) == nullptr) {
      std::abort();
    }
    for (const auto& entry : std::filesystem::directory_iterator(LACUNA_FUZZ_FILES)) {
      std::filesystem::create_symlink(entry.path(), path_of(entry.path().filename().string()));
    }
  }
  ~InputFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  InputFolder(const InputFolder&) = delete;
  InputFolder& operator=(const InputFolder&) = delete;

  const std::string& path() const { return folder_; }
  std::string path_of(const std::string& name) const { return folder_ + "/" + name; }

  /// The bytes as a file in the folder, in place of the input before; its path.
  std::string write(const std::uint8_t* bytes, std::size_t size) const {
    const std::string path = path_of("input");
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(bytes), static_cast<std::streamsize>(size));
    if (!file.flush()) {
      std::abort();
    }
    return path;
  }

 private:
  std::string folder_ = temporary_name();
};

/// The folder of this process.
inline const InputFolder& input_folder() {
  static const InputFolder folder;
  return folder;
}

}  // namespace lacuna::fuzz
