#include "sim/files/output_file.h"

#include <filesystem>
#include <fstream>
#include <system_error>

#include "models/common/error.h"
#include "sim/files/pending_file.h"

namespace lacuna {

void check_output(const std::string& option, const std::string& path, bool force) {
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
  if (std::filesystem::exists(status) && !force) {
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
