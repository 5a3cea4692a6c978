#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/common/number_format.h"

namespace lacuna {

/// What the stored codes of a layer's weights mean: a table of shared values, or a number format and a scale.
/// Stored code 0 is always zero (pruned weights and padding). For formats whose own code 0 is another number
/// the stored code differs from the format's: recentralised shift: exclusive or with the pruned weight's
/// code; binary: one more, so that a sparse layer needs two bits.
struct WeightCode {
  std::vector<float> codebook;      ///< element 0 is 0; empty: `format` and `scale` hold
  std::uint32_t codebook_bits = 0;  ///< of a code into the codebook, 1 to 8
  NumberFormat format;
  double scale = 1.0;  ///< value of a weight = scale * the format's number

  bool is_codebook() const { return !codebook.empty(); }
  /// Bits of a stored code.
  std::uint32_t stored_bits() const;
  /// The format's code of a stored one and back (number formats only).
  std::uint32_t format_code(std::uint16_t stored) const;
  std::uint16_t stored_code(std::uint32_t format_code) const;
  /// Whether a stored code has a meaning.
  bool is_code(std::uint16_t stored) const;
  /// The weight that a stored code stands for, nearest float32.
  float value(std::uint16_t stored) const;
  /// One line for reports, such as "shift(4, 7)" or "codebook of 15 values".
  std::string text() const;
};

bool operator==(const WeightCode& a, const WeightCode& b);

/// Values of all stored codes, 2^stored_bits of them; codes without a meaning are 0.
std::vector<float> value_table(const WeightCode& code);

}  // namespace lacuna
