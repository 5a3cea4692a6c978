#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/yaml/scalars.h"

namespace lacuna {

/// Energy of an operation against its width (CSV with the columns operation, bits, energy_pj).
class OperationTable {
 public:
  /// Reads the rows of `operation`. Throws ConfigurationError (place) when there are none, InputDataError for
  /// a damaged file.
  OperationTable(const std::string& path, const std::string& operation, double least_bits, double most_bits,
                 const ErrorPlace& place);

  /// Energy in picojoules. Between the file's widths, and beyond them up to the limits, it follows the power
  /// law through the two nearest; with one width it is proportional to the width. Throws ConfigurationError
  /// (place) outside the limits.
  double energy_pj(double bits, const ErrorPlace& place) const;

 private:
  std::string operation_;
  double least_bits_;
  double most_bits_;
  std::vector<std::pair<double, double>> points_;  ///< bits, energy; ascending
};

}  // namespace lacuna
