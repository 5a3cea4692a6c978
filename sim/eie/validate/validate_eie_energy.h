#pragma once

#include <string>
#include <vector>

#include "sim/eie/validate/validate_eie.h"

namespace lacuna {

/// Which technology table is put to the test.
struct EnergyValidationOptions {
  ValidationOptions validation;
  std::string energy_folder;             ///< shipped tables
  std::string table;                     ///< path of the table under test, 45 nm
  std::vector<std::string> assignments;  ///< changes of the table
};

/// A published figure and ours.
struct EnergyFigure {
  std::string what;
  std::string unit;
  double published = 0.0;
  double ours = 0.0;

  double difference() const { return ours / published - 1.0; }
};

/// What one choice of memory cells gives for the published machine on the nine layers.
struct CellTypeFigures {
  std::string cell_type;
  std::string objective;  ///< of CACTI's optimisation
  double pe_mw = 0.0;
  double ptr_read_mw = 0.0;
  double spmat_read_mw = 0.0;
  double memory_leakage_mw = 0.0;  ///< of one PE
  double machine_mw = 0.0;         ///< 64 PEs, central control included
  double pe_area_mm2 = 0.0;
  std::vector<std::string> notes;  ///< memories that are too slow
};

struct EnergyValidation {
  std::string table;
  std::vector<EnergyFigure> pe;         ///< one PE and its modules
  std::vector<EnergyFigure> shares;     ///< of the memories
  std::vector<EnergyFigure> machine;    ///< 64 PEs
  std::vector<EnergyFigure> projected;  ///< 256 PEs in 28 nm
  double control_mw = 0.0;              ///< CCU and broadcast wires, which are not published
  std::vector<CellTypeFigures> cell_types;
  std::vector<std::string> notes;

  /// Larger differences are explained in docs/validation.md.
  static constexpr double explained_above = 0.25;

  /// Whether power and area of one PE and of 64 lie within 25 % of the publication.
  bool passed() const;
};

/// Power and area of the published machine on the nine published layers at steady state (all cycles and
/// events of all nine), from simulated events and the table, beside EIE's Tables II and V; 256 PEs at 1200
/// MHz with bottom-up-28nm. Throws Lacuna's errors.
EnergyValidation validate_eie_energy(const EnergyValidationOptions& options);

/// The tables as text, Markdown.
std::string validation_text(const EnergyValidation& validation);

}  // namespace lacuna
