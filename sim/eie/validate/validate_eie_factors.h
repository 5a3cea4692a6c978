#pragma once

#include <string>
#include <vector>

#include "sim/eie/validate/validate_eie_energy.h"

namespace lacuna {

/// One step from a dense machine with weights in DRAM to EIE.
struct FactorStep {
  std::string step;
  double published = 0.0;  ///< factor in energy
};

/// One layer at one stage: the dense machine, and then after each step.
struct FactorStage {
  double cycles = 0.0;
  double weight_pj = 0.0;   ///< energy of fetching weights
  double machine_pj = 0.0;  ///< all energy, weights included
};

struct FactorLayer {
  std::string layer;
  std::vector<FactorStage> stages;  ///< one more than there are steps
};

struct FactorValidation {
  std::string table;
  double dram_pj = 0.0;  ///< of 32 bits
  std::vector<FactorStep> steps;
  std::vector<FactorLayer> layers;

  /// Whether every step saves weight energy on every layer whose activations or weights are sparse.
  bool passed() const;
};

/// What each of EIE's measures saves, one at a time and one on top of the other, on the nine published
/// layers: from a dense machine whose 32-bit weights come from DRAM to the published machine. Cycles and
/// events are simulated; published beside them are the factors of the EIE paper. Throws Lacuna's errors.
FactorValidation validate_eie_factors(const EnergyValidationOptions& options);

/// The tables as text, Markdown.
std::string validation_text(const FactorValidation& validation);

}  // namespace lacuna
