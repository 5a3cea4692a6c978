#pragma once

#include <string>

namespace lacuna {

/// An output file that appears under its name only when it is complete: it is written under a temporary name
/// in the same folder; `commit` renames it, and without a commit the destructor removes it. Behind a symbolic
/// link its target is replaced, not the link.
class PendingFile {
 public:
  explicit PendingFile(const std::string& path);
  ~PendingFile();
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;

  /// Where to write.
  const std::string& temporary_path() const { return temporary_path_; }

  /// Throws InputDataError when the file cannot be renamed.
  void commit();

 private:
  std::string path_;
  std::string temporary_path_;
  bool committed_ = false;
};

/// What becomes of a file that an output would take the place of.
enum class IfExists { refuse, replace };

/// As the option --force says.
inline IfExists if_exists(bool force) {
  return force ? IfExists::replace : IfExists::refuse;
}

/// Whether an output goes to a stream, where nothing can be renamed: "-" (standard output), a pipe or a
/// device.
bool is_stream_output(const std::string& path);
/// Whether it is standard output.
bool is_standard_output(const std::string& path);

/// Whether an option takes streams: what is written in one piece can go there.
enum class Streams { accept, refuse };

/// Throws ConfigurationError if `path` cannot become an output: it exists and is to be refused, it is a
/// folder, or its folder does not exist. `option` names the command line option in the message. Empty paths
/// and streams are accepted; streams as `streams` says.
void check_output(const std::string& option, const std::string& path, IfExists existing,
                  Streams streams = Streams::refuse);

/// Writes a file that appears, complete, by rename; or to a stream. Throws InputDataError when it cannot be
/// written.
void write_output(const std::string& path, const std::string& content);

}  // namespace lacuna
