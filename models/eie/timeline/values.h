#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/common/fixed_point.h"
#include "models/eie/engine.h"
#include "models/eie/layer.h"
#include "models/eie/parameters.h"

namespace lacuna::eie {

/// The real entries of a memory image, image column after image column: what its values depend on, without
/// padding and relative indices. Within a column they stand PE by PE; their order does not matter, for no two
/// of them have the same row. Five bytes an entry, and eight a column.
class ValueEntries {
 public:
  /// Throws InputDataError for an image with an entry beyond the rows of its batch.
  explicit ValueEntries(const MemoryImage& image);

  std::uint64_t begin_of(std::size_t image_column) const { return starts_[image_column]; }
  std::uint64_t end_of(std::size_t image_column) const { return starts_[image_column + 1]; }
  const std::uint32_t* rows() const { return rows_.data(); }  ///< row within its row batch
  const std::uint8_t* codes() const { return codes_.data(); }
  std::uint32_t largest_code() const { return largest_code_; }
  std::uint64_t bytes() const { return 8 * starts_.size() + 5 * rows_.size(); }

 private:
  void place(const MemoryImage& image, std::uint32_t pe, std::vector<std::uint64_t>& next);

  std::vector<std::uint64_t> starts_;
  std::vector<std::uint32_t> rows_;
  std::vector<std::uint8_t> codes_;
  std::uint32_t largest_code_ = 0;
};

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

/// What values are computed from. `entries` are those of `image`.
struct ValueInputs {
  const Parameters& parameters;
  const Layer& layer;
  const MemoryImage& image;
  const ValueEntries& entries;
};

/// Computes the outputs of `count` runs (contract, section 2), and the saturations of each PE, into
/// `results`. Order of the sums: ascending columns, as in the machine. Throws InputDataError when the image
/// has a code beyond the codebook.
void compute_values(const ValueInputs& inputs, const std::vector<std::int32_t>* vectors, std::size_t count,
                    RunResult* results);

}  // namespace lacuna::eie
