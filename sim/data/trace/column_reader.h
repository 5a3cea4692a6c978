#pragma once

#include <cstddef>
#include <cstdint>

#include "models/sparse/layer.h"

namespace lacuna {

/// One column's nonzeros, rows ascending.
struct CodedColumn {
  const std::uint32_t* rows = nullptr;
  const std::uint8_t* codes = nullptr;
  std::size_t size = 0;
};

/// Hands out the columns of a layer's matrix, in any order, so that it need not be held.
class ColumnReader {
 public:
  virtual ~ColumnReader() = default;

  /// Valid until the next call.
  virtual CodedColumn read(std::uint32_t column) = 0;
};

/// The columns of a matrix in memory, which must outlive this.
class MatrixReader : public ColumnReader {
 public:
  explicit MatrixReader(const sparse::CodedMatrix& matrix) : matrix_(matrix) {}

  CodedColumn read(std::uint32_t column) override {
    const std::uint64_t begin = matrix_.column_starts[column];
    const std::uint64_t end = matrix_.column_starts[std::size_t{column} + 1];
    return {matrix_.row_indices.data() + begin, matrix_.codes.data() + begin,
            static_cast<std::size_t>(end - begin)};
  }

 private:
  const sparse::CodedMatrix& matrix_;
};

}  // namespace lacuna
