#include "sim/files/output_file.h"

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "models/common/error.h"

namespace lacuna {
namespace {

std::string temporary_name(const std::string& path) {
  static std::atomic<unsigned> number{0};
  return path + "." + std::to_string(getpid()) + "-" + std::to_string(number++) + ".tmp";
}

/// Where a symbolic link leads in the end, also when nothing is there yet; other paths as they are.
std::string behind_links(const std::string& path) {
  namespace fs = std::filesystem;
  constexpr int most_links = 40;
  std::error_code error;
  fs::path target = path;
  for (int i = 0; i < most_links && fs::is_symlink(target, error); ++i) {
    const fs::path next = fs::read_symlink(target, error);
    if (error) {
      return path;
    }
    target = next.is_absolute() ? next : target.parent_path() / next;
  }
  return target.string();
}

/// The descriptor of this process that a path names, such as 1 for "-" and /dev/stdout: opening the path anew
/// would cut a file that the output was redirected to.
std::optional<int> named_descriptor(const std::string& path) {
  if (path == "-" || path == "/dev/stdout") {
    return STDOUT_FILENO;
  }
  if (path == "/dev/stderr") {
    return STDERR_FILENO;
  }
  for (const std::string folder : {"/dev/fd/", "/proc/self/fd/"}) {
    int number = -1;
    const char* const end = path.data() + path.size();
    if (path.rfind(folder, 0) == 0) {
      const auto read = std::from_chars(path.data() + folder.size(), end, number);
      return read.ec == std::errc() && read.ptr == end ? std::optional<int>(number) : std::nullopt;
    }
  }
  return std::nullopt;
}

void write_stream(const std::string& path, const std::string& content) {
  const std::optional<int> named = named_descriptor(path);
  const bool is_standard = named.has_value();
  const int descriptor = named ? *named : ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  std::size_t written = 0;
  while (descriptor >= 0 && written < content.size()) {
    const ssize_t count = ::write(descriptor, content.data() + written, content.size() - written);
    if (count < 0 && errno != EINTR) {
      break;
    }
    written += count > 0 ? static_cast<std::size_t>(count) : 0;
  }
  const int reason = errno;
  const bool complete = descriptor >= 0 && written == content.size();
  if (descriptor >= 0 && !is_standard && ::close(descriptor) != 0 && complete) {
    throw InputDataError({path, 0, {}}, "cannot be written", "a stream that takes all");
  }
  if (!complete) {
    throw InputDataError({path == "-" ? "standard output" : path, 0, {}},
                         std::string("cannot be written (") + std::strerror(reason) + ")",
                         "a stream that takes all");
  }
}

}  // namespace

PendingFile::PendingFile(const std::string& path)
    : path_(behind_links(path)), temporary_path_(temporary_name(path_)) {}

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

bool is_stream_output(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  return named_descriptor(path) || std::filesystem::is_fifo(status) ||
         std::filesystem::is_character_file(status) || std::filesystem::is_socket(status);
}

bool is_standard_output(const std::string& path) {
  return named_descriptor(path) == STDOUT_FILENO;
}

void check_output(const std::string& option, const std::string& path, IfExists existing, Streams streams) {
  if (path.empty() || (streams == Streams::accept && is_stream_output(path))) {
    return;
  }
  if (named_descriptor(path)) {
    throw ConfigurationError({path, 0, option}, "is no regular file", "the path of a file");
  }
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::path(behind_links(path)).parent_path();
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
  if (is_stream_output(path)) {
    write_stream(path, content);
    return;
  }
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
