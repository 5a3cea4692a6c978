#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "models/sparse/column_source.h"
#include "sim/data/random/generated_layer.h"
#include "sim/data/random/random_stream.h"
#include "sim/data/trace/column_reader.h"
#include "sim/data/trace/trace.h"

namespace lacuna {

/// Draws the number of zeros before the next nonzero of a Bernoulli sequence (a geometric distribution) by
/// integer comparisons: thresholds[g] = 2^32 times the probability of more than g zeros, rounded down. A draw
/// below the last threshold means a whole table of zeros; the distribution has no memory, so the next draw
/// continues from there.
class GapTable {
 public:
  /// 0 < density <= 1.
  explicit GapTable(double density);

  /// Zeros before the next nonzero; `limit` or more ends the search (then the value returned is at least
  /// `limit`).
  std::uint64_t draw(RandomStream& stream, std::uint64_t limit) const;

 private:
  static constexpr int guide_bits = 10;

  std::vector<std::uint32_t> thresholds_;  ///< descending, then 0
  std::size_t table_zeros_ = 0;            ///< of a draw below all thresholds
  std::array<std::uint32_t, std::size_t{1} << guide_bits>
      guide_{};  ///< first gap possible for the leading bits
};

/// Makes the columns of a generated layer one by one, in any order: each column has random streams of its
/// own, one for the positions and one for the codes, derived from (seed, column).
class ColumnGenerator {
 public:
  /// Throws ConfigurationError for a specification that `check_generated_layer` refuses.
  explicit ColumnGenerator(const GeneratedLayer& layer);

  /// Appends the rows of the column's nonzeros, ascending.
  void append_rows(std::uint32_t column, std::vector<std::uint32_t>& rows) const;

  /// Appends the codes of the column's `count` nonzeros, uniform in 1..2^codebook_index_bits - 1.
  void append_codes(std::uint32_t column, std::size_t count, std::vector<std::uint8_t>& codes) const;

 private:
  GeneratedLayer layer_;
  GapTable gaps_;
};

/// The activation vectors of a generated layer: in each, exactly round(density * inputs) positive values,
/// multiples of 1/4096 below 8, at positions drawn without replacement (selection sampling: Knuth, volume 2,
/// algorithm 3.4.2 S).
ActivationSet generate_activations(const GeneratedLayer& layer);

/// A generated layer's rows of nonzeros, each column made when it is asked for.
class GeneratedColumns : public sparse::ColumnSource {
 public:
  /// `pulse`, if there is one, is called now and then, and may throw to stop whoever reads.
  explicit GeneratedColumns(const GeneratedLayer& layer, std::function<void()> pulse = {});

  std::uint32_t rows() const override { return layer_.rows; }
  std::uint32_t columns() const override { return layer_.columns(); }
  sparse::ColumnRows next() override;
  void rewind() override { column_ = 0; }

 private:
  GeneratedLayer layer_;
  ColumnGenerator generator_;
  std::function<void()> pulse_;
  std::vector<std::uint32_t> rows_;
  std::uint32_t column_ = 0;
};

/// The same with codes, in any order.
class GeneratedEntries : public ColumnReader {
 public:
  explicit GeneratedEntries(const GeneratedLayer& layer, std::function<void()> pulse = {});

  CodedColumn read(std::uint32_t column) override;
  /// The same without codes, which cost time.
  sparse::ColumnRows read_rows(std::uint32_t column);

 private:
  ColumnGenerator generator_;
  std::function<void()> pulse_;
  std::vector<std::uint32_t> rows_;
  std::vector<std::uint8_t> codes_;
};

}  // namespace lacuna
