#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/yaml/scalars.h"

namespace lacuna {

/// What one memory macro costs and takes.
struct SramFigures {
  double read_pj = 0.0;   ///< one word
  double write_pj = 0.0;  ///< one word
  double leakage_mw = 0.0;
  double area_um2 = 0.0;
  double access_ns = 0.0;
  double cycle_ns = 0.0;  ///< shortest time between two accesses
};

/// SRAM macros of one cell type, characterised at some capacities and widths (CSV with the columns
/// cell_type, capacity_bytes, width_bits, read_energy_pJ, write_energy_pJ, leakage_mW, access_ns, cycle_ns,
/// area_mm2; configs/energy/sram/README.md).
class SramTable {
 public:
  /// Reads the rows of `cell_type`. Throws ConfigurationError (at `cell_type_place`) when there are none,
  /// InputDataError for a damaged file.
  SramTable(const std::string& path, const std::string& cell_type, const ErrorPlace& cell_type_place);

  /// The figures of a macro. Between characterised ones every figure follows a power law of the capacity and
  /// of the width (straight lines between logarithms). Throws ConfigurationError (place) for what lies
  /// outside the characterised capacities and widths or beside a combination that is missing.
  SramFigures figures(double capacity_bytes, double width_bits, const ErrorPlace& place) const;

 private:
  const SramFigures* find(std::size_t capacity, std::size_t width) const;

  std::string path_;
  std::vector<double> capacities_;
  std::vector<double> widths_;
  std::vector<SramFigures> points_;  ///< of each capacity, each width; read_pj 0 where missing
};

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
