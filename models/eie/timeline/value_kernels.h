#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/common/fixed_point.h"
#include "models/eie/timeline/value_entries.h"

namespace lacuna::eie {

/// Vectors whose values are computed side by side.
inline constexpr std::size_t value_lanes = 16;

/// The arithmetic of one layer on one machine.
struct ValueArithmetic {
  const std::int32_t* codebook = nullptr;
  std::size_t codes = 0;
  int shift = 0;  ///< of products
  Rounding rounding = Rounding::nearest;
  FixedFormat accumulator;
};

/// Adds `activation` times the entries of an image column to the accumulators of one vector's row batch.
/// `saturations` has an element for each PE (row mod its size).
void add_column(const ValueArithmetic& arithmetic, const ValueEntries& entries, std::size_t image_column,
                std::int64_t activation, std::int64_t* accumulators, std::vector<std::uint64_t>& saturations);

/// The accumulators of `value_lanes` vectors for one row batch, side by side.
template <class Accumulator>
class LaneAccumulators {
 public:
  LaneAccumulators(const ValueArithmetic& arithmetic, std::size_t rows);

  void clear();

  /// Adds the entries of an image column times one activation for each vector (0 where a vector has none:
  /// that changes nothing).
  void add_column(const ValueEntries& entries, std::size_t image_column, const std::int32_t* activations);

  /// Whether any sum was clipped since `clear`; how many were is left to the scalar kernel.
  bool clipped() const { return clipped_; }
  Accumulator sum(std::size_t row, std::size_t lane) const { return sums_[row * value_lanes + lane]; }

 private:
  const ValueArithmetic& arithmetic_;
  std::vector<Accumulator> sums_;
  std::vector<Accumulator> terms_;  ///< a term of each vector for each code
  bool clipped_ = false;
};

/// Whether 32-bit accumulators are exact for a format: terms are clipped to twice its range first, which
/// leaves every clipped sum what it is.
constexpr bool fits_narrow_lanes(const FixedFormat& accumulator) {
  return accumulator.width_bits <= 29;
}

}  // namespace lacuna::eie
