#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/common/fixed_point.h"
#include "models/eie/engine.h"
#include "models/eie/layer.h"
#include "models/eie/parameters.h"

namespace lacuna::eie {

/// Nonzeros of one column of a matrix, or some of them that follow each other.
struct ValueEntries {
  const std::uint32_t* rows = nullptr;
  const std::uint8_t* codes = nullptr;
  std::size_t size = 0;
};

/// Most vectors whose values are computed side by side, and how many lanes there are for few of them.
inline constexpr std::size_t value_lanes = 16;
inline constexpr std::size_t few_value_lanes = 4;

/// The arithmetic of one layer on one machine.
struct ValueArithmetic {
  const std::int32_t* codebook = nullptr;
  std::size_t codes = 0;
  int shift = 0;  ///< of products
  Rounding rounding = Rounding::nearest;
  FixedFormat accumulator;
};

/// Adds `activation` times the entries to the accumulators of one vector, an element for each row of the
/// matrix. `saturations` has an element for each PE (row mod its size).
void add_entries(const ValueArithmetic& arithmetic, const ValueEntries& entries, std::int64_t activation,
                 std::int64_t* accumulators, std::vector<std::uint64_t>& saturations);

/// The accumulators of `lanes` vectors for some rows that follow each other, side by side.
template <class Accumulator, std::size_t lanes>
class LaneAccumulators {
 public:
  LaneAccumulators(const ValueArithmetic& arithmetic, std::size_t rows);

  /// Begins with `first_row`.
  void clear(std::uint32_t first_row);

  /// Adds the entries, all in these rows, times one activation for each vector (0 where a vector has none:
  /// that changes nothing).
  void add(const ValueEntries& entries, const std::int32_t* activations);

  /// Whether any sum was clipped since `clear`; how many were is left to the scalar kernel.
  bool clipped() const { return clipped_; }
  Accumulator sum(std::uint32_t row, std::size_t lane) const {
    return sums_[std::size_t{row - first_row_} * lanes + lane];
  }

 private:
  const ValueArithmetic& arithmetic_;
  std::uint32_t first_row_ = 0;
  std::vector<Accumulator> sums_;
  std::vector<Accumulator> terms_;  ///< a term of each vector for each code
  bool clipped_ = false;
};

/// Whether 32-bit accumulators are exact for a format: terms are clipped to twice its range first, which
/// leaves every clipped sum what it is.
constexpr bool fits_narrow_lanes(const FixedFormat& accumulator) {
  return accumulator.width_bits <= 29;
}

/// Computes the outputs of `count` runs (contract, section 2), and the saturations of each PE, into
/// `results`. Order of the sums: ascending columns, as in the machine; row batches do not change it. Throws
/// InputDataError when the matrix has a code beyond the codebook. Its rows must be in range.
void compute_values(const Parameters& parameters, const Layer& layer,
                    const std::vector<std::int32_t>* vectors, std::size_t count, RunResult* results);

}  // namespace lacuna::eie
