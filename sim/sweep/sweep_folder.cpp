#include "sim/sweep/sweep_folder.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "models/common/error.h"

namespace lacuna {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw InputDataError({path, 0, {}}, why, "a folder that can be made or written");
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

SweepFolder::SweepFolder(const std::string& path) : path_(path) {
  make();
  check_contents();
  lock();
  remove_unfinished();
}

SweepFolder::~SweepFolder() {
  close(descriptor_);
}

void SweepFolder::make() const {
  std::error_code error;
  if (!fs::exists(path_, error)) {
    fs::create_directory(path_, error);
    if (error) {
      refuse(path_, "cannot be made: " + error.message());
    }
  } else if (!fs::is_directory(path_, error)) {
    throw ConfigurationError({path_, 0, "--out"}, "is no folder", "a folder of its own for each sweep");
  }
}

void SweepFolder::check_contents() const {
  std::error_code error;
  if (fs::exists(file(sweep_store_file), error)) {
    return;
  }
  const fs::directory_iterator entries(path_, error);
  if (error) {
    refuse(path_, "cannot be read: " + error.message());
  }
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename().string();
    if (name != sweep_lock_file && name != std::string(sweep_store_file) + "-journal") {
      throw ConfigurationError({path_, 0, "--out"},
                               fmt::format("holds '{}', but no results of a sweep", name.substr(0, 80)),
                               "an empty folder, one that does not exist, or that of the same sweep");
    }
  }
}

/// A record lock: it ends with the process however that ends, and child processes do not inherit it.
void SweepFolder::lock() {
  const std::string name = file(sweep_lock_file);
  descriptor_ = open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  struct flock record = {};
  record.l_type = F_WRLCK;
  record.l_whence = SEEK_SET;
  if (descriptor_ >= 0 && fcntl(descriptor_, F_SETLK, &record) == 0) {
    return;
  }
  const int reason = errno;
  const bool is_held = descriptor_ >= 0 && (reason == EACCES || reason == EAGAIN);
  close(descriptor_);
  if (!is_held) {
    refuse(name, fmt::format("cannot be opened and locked: {}", std::strerror(reason)));
  }
  throw ConfigurationError({path_, 0, "--out"}, "another process is running a sweep in this folder",
                           "wait for its end, or take another folder");
}

void SweepFolder::remove_unfinished() const {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path_, error)) {
    const std::string name = entry.path().filename().string();
    for (const std::string result : {sweep_csv_file, sweep_json_file, sweep_front_file}) {
      if (name.rfind(result + ".", 0) == 0 && ends_with(name, ".tmp")) {
        std::error_code ignored;
        fs::remove(entry.path(), ignored);
      }
    }
  }
}

}  // namespace lacuna
