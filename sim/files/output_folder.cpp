#include "sim/files/output_folder.h"

#include <filesystem>
#include <fstream>
#include <system_error>

#include <unistd.h>

#include "models/common/error.h"

namespace lacuna {
namespace {

namespace fs = std::filesystem;

/// Is gone with its files when it is not renamed.
class UnfinishedFolder {
 public:
  explicit UnfinishedFolder(fs::path path) : path_(std::move(path)) {}
  UnfinishedFolder(const UnfinishedFolder&) = delete;
  UnfinishedFolder& operator=(const UnfinishedFolder&) = delete;
  ~UnfinishedFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

[[noreturn]] void fail(const std::string& path, const std::string& why) {
  throw InputDataError({path, 0, {}}, "cannot be written (" + why + ")",
                       "a path in a writable folder with room for it");
}

void write_file(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream stream(path, std::ios::binary);
  stream.write(text.data(), static_cast<std::streamsize>(text.size()));
  stream.close();
  if (error || !stream) {
    fail(path.string(), error ? error.message() : "the file cannot be completed");
  }
}

/// Without a slash at the end.
fs::path plain(const std::string& path) {
  const fs::path given(path);
  return given.has_filename() ? given : given.parent_path();
}

}  // namespace

void check_output_folder(const std::string& option, const std::string& path, const std::string& mark,
                         IfExists existing) {
  std::error_code error;
  const fs::path folder = plain(path);
  const fs::path parent = folder.parent_path();
  if (folder.empty() || (!parent.empty() && !fs::is_directory(parent, error))) {
    throw ConfigurationError({path, 0, option}, "its folder does not exist", "a path in an existing folder");
  }
  const auto status = fs::symlink_status(folder, error);
  if (!fs::exists(status)) {
    return;
  }
  if (!fs::is_directory(status)) {
    throw ConfigurationError({path, 0, option}, "exists and is no folder", "another path");
  }
  if (existing == IfExists::refuse) {
    throw ConfigurationError({path, 0, option}, "exists already", "another path, or --force to replace it");
  }
  if (!fs::is_regular_file(folder / mark, error)) {
    throw ConfigurationError({path, 0, option},
                             "is a folder that this command has not written: it has no " + mark,
                             "another path");
  }
}

void make_output_folder(const std::string& option, const std::string& path, IfExists existing) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!fs::is_directory(path, error)) {
    throw ConfigurationError({"", 0, option}, "cannot be made", "a folder in a writable one");
  }
  if (existing == IfExists::refuse && !fs::is_empty(path, error)) {
    throw ConfigurationError({"", 0, option}, "is not empty",
                             "a new folder, or --force to replace files of the same names");
  }
}

void write_output_folder(const std::string& path,
                         const std::vector<std::pair<std::string, std::string>>& files) {
  const fs::path folder = plain(path);
  const std::string suffix = "." + std::to_string(getpid()) + ".tmp";
  const UnfinishedFolder unfinished(folder.string() + suffix);
  const UnfinishedFolder replaced(folder.string() + ".old" + suffix);
  std::error_code error;
  if (!fs::create_directory(unfinished.path(), error)) {
    fail(path, error ? error.message() : "its temporary name is taken");
  }
  for (const auto& [name, text] : files) {
    write_file(unfinished.path() / name, text);
  }
  if (fs::exists(folder, error)) {
    fs::rename(folder, replaced.path(), error);
    if (error) {
      fail(path, error.message());
    }
  }
  fs::rename(unfinished.path(), folder, error);
  if (error) {
    std::error_code ignored;
    fs::rename(replaced.path(), folder, ignored);
    fail(path, error.message());
  }
}

}  // namespace lacuna
