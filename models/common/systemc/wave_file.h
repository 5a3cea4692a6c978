#pragma once

#include <string>
#include <systemc>

#include "models/common/systemc/wave_path.h"

namespace lacuna {

/// A VCD file that is written under a temporary name and appears under its own when complete, without the
/// time of writing, so that the same run gives the same bytes.
class WaveFile {
 public:
  /// Throws ConfigurationError when the file cannot be created.
  explicit WaveFile(const std::string& path);
  WaveFile(const WaveFile&) = delete;
  WaveFile& operator=(const WaveFile&) = delete;
  ~WaveFile();

  sc_core::sc_trace_file* handle() const { return handle_; }

  /// Closes and renames. Throws InputDataError when the file cannot be written.
  void finish();

 private:
  std::string path_;
  std::string raw_path_;
  sc_core::sc_trace_file* handle_ = nullptr;
};

}  // namespace lacuna
