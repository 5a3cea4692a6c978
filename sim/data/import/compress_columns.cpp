#include "sim/data/import/compress_columns.h"

namespace lacuna {

sparse::CodedMatrix compress_columns(const std::vector<std::uint8_t>& codes, std::uint32_t rows,
                                     std::uint32_t columns) {
  sparse::CodedMatrix matrix;
  matrix.rows = rows;
  matrix.columns = columns;
  std::vector<std::uint64_t> starts(std::size_t{columns} + 1, 0);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    starts[i % columns + 1] += codes[i] != 0 ? 1 : 0;
  }
  for (std::size_t column = 0; column < columns; ++column) {
    starts[column + 1] += starts[column];
  }
  matrix.column_starts = starts;
  matrix.row_indices.resize(starts.back());
  matrix.codes.resize(starts.back());
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (codes[i] != 0) {
      const std::uint64_t place = starts[i % columns]++;
      matrix.row_indices[place] = static_cast<std::uint32_t>(i / columns);
      matrix.codes[place] = codes[i];
    }
  }
  return matrix;
}

}  // namespace lacuna
