#include "sim/files/output_file.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <unistd.h>

#include "models/common/error.h"

namespace lacuna {
namespace {

std::string temporary_name(const std::string& path) {
  static std::atomic<unsigned> number{0};
  return path + "." + std::to_string(getpid()) + "-" + std::to_string(number++) + ".tmp";
}

}  // namespace

PendingFile::PendingFile(const std::string& path) : path_(path), temporary_path_(temporary_name(path)) {}

PendingFile::~PendingFile() {
  if (!committed_) {
    std::error_code ignored;
    std::filesystem::remove(temporary_path_, ignored);
  }
}

void PendingFile::commit() {
  std::error_code error;
  std::filesystem::rename(temporary_path_, path_, error);
  if (error) {
    throw InputDataError({path_, 0, ""}, "cannot be written (" + error.message() + ")",
                         "a path in a writable folder");
  }
  committed_ = true;
}

void check_output(const std::string& option, const std::string& path, IfExists existing) {
  if (path.empty()) {
    return;
  }
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (!parent.empty() && !std::filesystem::is_directory(parent, error)) {
    throw ConfigurationError({path, 0, option}, "its folder does not exist", "a path in an existing folder");
  }
  const auto status = std::filesystem::status(path, error);
  if (std::filesystem::is_directory(status)) {
    throw ConfigurationError({path, 0, option}, "is a folder", "the path of a file");
  }
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    throw ConfigurationError({path, 0, option}, "is no regular file", "the path of a file");
  }
  if (std::filesystem::exists(status) && existing == IfExists::refuse) {
    throw ConfigurationError({path, 0, option}, "exists already", "another path, or --force to replace it");
  }
}

void write_output(const std::string& path, const std::string& content) {
  PendingFile file(path);
  std::ofstream stream(file.temporary_path(), std::ios::binary);
  stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  stream.close();
  if (!stream) {
    throw InputDataError({path, 0, {}}, "cannot be written", "a path in a writable folder with room for it");
  }
  file.commit();
}

}  // namespace lacuna
