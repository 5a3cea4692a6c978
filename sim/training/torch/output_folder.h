#pragma once

#include <filesystem>
#include <string>
#include <system_error>

#include "models/common/error.h"

namespace lacuna::cli {

/// The folder in which training goes on and ends.
class OutputFolder {
 public:
  /// Makes it. `last_file`: the file that is written last. Throws ConfigurationError when something else
  /// stands there.
  OutputFolder(const std::string& path, bool restart, const char* last_file)
      : path_(path), last_file_(last_file) {
    std::error_code error;
    std::filesystem::create_directories(path_, error);
    if (!std::filesystem::is_directory(path_, error)) {
      throw ConfigurationError({path, 0, "--out"}, "cannot be made", "a folder in a writable one");
    }
    if (restart) {
      std::filesystem::remove(checkpoint(), error);
      std::filesystem::remove(result(), error);
    } else if (std::filesystem::exists(result(), error)) {
      throw ConfigurationError({path, 0, "--out"}, "holds a finished training",
                               "another folder, or --restart to replace it");
    } else if (!begun() && !std::filesystem::is_empty(path_, error)) {
      throw ConfigurationError({path, 0, "--out"}, "is not empty and holds no training",
                               "a new folder, or --restart to replace files of the same names");
    }
  }

  std::string path() const { return path_.string(); }
  std::string checkpoint() const { return (path_ / "checkpoint").string(); }
  bool begun() const {
    std::error_code error;
    return std::filesystem::exists(checkpoint(), error);
  }
  void remove_checkpoint() const {
    std::error_code error;
    std::filesystem::remove(checkpoint(), error);
  }

 private:
  std::string result() const { return (path_ / last_file_).string(); }

  std::filesystem::path path_;
  const char* last_file_;
};

}  // namespace lacuna::cli
