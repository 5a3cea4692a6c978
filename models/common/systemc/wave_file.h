#pragma once

#include <memory>
#include <string>
#include <systemc>

#include "models/common/systemc/wave_path.h"

namespace lacuna {

/// A VCD file that is written under a temporary name and appears under its own when complete, without the
/// time of writing, so that the same run gives the same bytes.
class WaveFile {
 public:
  /// Of what is traced, only signals go into the file whose hierarchical name matches `only`, in which *
  /// stands for any letters, ? for one and [...] for one of some; all when it is empty. Throws
  /// ConfigurationError when the file cannot be created.
  explicit WaveFile(const std::string& path, const std::string& only = {});
  WaveFile(const WaveFile&) = delete;
  WaveFile& operator=(const WaveFile&) = delete;
  ~WaveFile();

  sc_core::sc_trace_file* handle() const;

  /// Throws ConfigurationError, with some names, when all has been traced and nothing matched.
  void check_selection() const;

  /// Closes and renames. Unless there is one, which may be a reader's own arrangement, also writes a save
  /// file for GTKWave (`wave_view_path`) that shows the file's signals, a group for each module. Throws
  /// InputDataError when a file cannot be written.
  void finish();

 private:
  class Selection;

  std::string path_;
  std::string raw_path_;
  sc_core::sc_trace_file* handle_ = nullptr;
  std::unique_ptr<Selection> selection_;  ///< null: everything
};

}  // namespace lacuna
