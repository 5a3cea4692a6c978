#pragma once

#include <fstream>
#include <string>

#include "models/memory/schedule.h"
#include "sim/files/output_file.h"

namespace lacuna {

/// Writes memory requests for simulators of DRAM. The file's ending says for which:
///
///   .stl    DRAMSys 5 (StlPlayer): "TIME (BYTES) read|write 0xADDRESS"; times in nanoseconds, so that the
///           player's `clkMhz` is 1000
///   .trace  Ramulator 2.0 (LoadStoreTrace): "LD|ST 0xADDRESS", without times, a line for each 64 bytes, a
///           transaction of a DDR4 channel, that a request touches
class RequestTrace {
 public:
  /// Throws ConfigurationError for another ending, InputDataError when the file cannot be written.
  explicit RequestTrace(const std::string& path);

  static constexpr std::uint64_t ramulator_bytes = 64;

  void write(const memory::Request& request);
  /// Makes the file appear. Throws InputDataError when it could not be written.
  void finish();

  /// Throws ConfigurationError for an ending that stands for no format.
  static void check_path(const std::string& path);

 private:
  std::string path_;
  bool for_dramsys_;
  PendingFile pending_;
  std::ofstream file_;
};

}  // namespace lacuna
