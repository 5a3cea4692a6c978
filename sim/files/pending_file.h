#pragma once

#include <string>

namespace lacuna {

/// An output file that appears under its name only when it is complete: it is written under a temporary name
/// in the same folder; `commit` renames it, and without a commit the destructor removes it.
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

}  // namespace lacuna
