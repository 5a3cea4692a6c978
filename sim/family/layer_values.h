#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/common/quantisation_tally.h"

namespace lacuna {

/// Which layers' values a run keeps.
enum class KeptValues { none, of_last_layer, of_all_layers };

/// What of its values a run is asked for.
struct WantedValues {
  KeptValues kept = KeptValues::none;
  bool reference = false;  ///< also what the network gives in floating point

  bool any() const { return kept != KeptValues::none || reference; }
};

/// What a layer gave: raw integers that stand for raw * 2^unit_exponent, exactly.
struct LayerValues {
  std::string name;
  std::vector<std::size_t> shape;  ///< of one input's result: rows, or height, width, channels
  std::size_t vectors = 0;         ///< inputs: vectors, images or frames
  std::vector<std::int64_t> raw;   ///< [vectors][shape]; empty where they are not kept
  int unit_exponent = 0;
  std::string format;  ///< in words
  /// In floating point, [vectors][shape]; empty where they are not asked for or not kept.
  std::vector<double> reference;
  std::optional<QuantisationTally> error;  ///< of the values against the reference

  std::size_t elements() const;
};

/// Throws CapacityError when so many values do not fit the budget: raw ones, real ones and perhaps references
/// of `elements` numbers.
void check_kept_values(std::uint64_t elements, const WantedValues& wanted, std::uint64_t budget_mib);

}  // namespace lacuna
