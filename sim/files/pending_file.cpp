#include "sim/files/pending_file.h"

#include <atomic>
#include <filesystem>
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

}  // namespace lacuna
