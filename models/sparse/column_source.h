#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "models/sparse/layer.h"

namespace lacuna::sparse {

/// The rows of one column's nonzeros, strictly ascending.
struct ColumnRows {
  const std::uint32_t* rows = nullptr;
  std::size_t size = 0;

  /// How many are below `bound`.
  std::size_t count_below(std::uint32_t bound) const {
    if (size == 0 || rows[size - 1] < bound) {
      return size;
    }
    return static_cast<std::size_t>(std::lower_bound(rows, rows + size, bound) - rows);
  }
};

/// A matrix that is handed out column by column, so that it need not be held: a generator, a file, or a
/// matrix in memory. Only where the nonzeros are matters here, not what they are.
class ColumnSource {
 public:
  virtual ~ColumnSource() = default;
  virtual std::uint32_t rows() const = 0;
  virtual std::uint32_t columns() const = 0;  ///< bias included

  /// The next column, valid until the next call. Called at most `columns()` times after construction or
  /// `rewind`.
  virtual ColumnRows next() = 0;

  /// Goes back before the first column; the same columns follow again.
  virtual void rewind() = 0;
};

/// The columns of a matrix in memory, which must outlive this.
class MatrixColumns : public ColumnSource {
 public:
  explicit MatrixColumns(const CodedMatrix& matrix) : matrix_(matrix) {}

  std::uint32_t rows() const override { return matrix_.rows; }
  std::uint32_t columns() const override { return matrix_.columns; }
  ColumnRows next() override {
    const std::uint64_t start = matrix_.column_starts[column_];
    const std::uint64_t end = matrix_.column_starts[++column_];
    return {matrix_.row_indices.data() + start, static_cast<std::size_t>(end - start)};
  }
  void rewind() override { column_ = 0; }

 private:
  const CodedMatrix& matrix_;
  std::size_t column_ = 0;
};

}  // namespace lacuna::sparse
