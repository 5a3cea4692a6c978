#include "sim/eie/network/coded_entries.h"

#include <numeric>

namespace lacuna {

eie::CodedMatrix coded_matrix(std::uint32_t rows, std::uint32_t columns,
                              const std::vector<CodedEntry>& entries) {
  eie::CodedMatrix matrix;
  matrix.rows = rows;
  matrix.columns = columns;
  matrix.column_starts.assign(std::size_t{columns} + 1, 0);
  for (const CodedEntry& entry : entries) {
    matrix.column_starts[std::size_t{entry.column} + 1] += entry.code != 0 ? 1U : 0U;
  }
  std::partial_sum(matrix.column_starts.begin(), matrix.column_starts.end(), matrix.column_starts.begin());
  std::vector<std::uint64_t> next(matrix.column_starts.begin(), matrix.column_starts.end() - 1);
  matrix.row_indices.resize(matrix.column_starts.back());
  matrix.codes.resize(matrix.column_starts.back());
  for (const CodedEntry& entry : entries) {
    if (entry.code != 0) {
      const std::uint64_t place = next[entry.column]++;
      matrix.row_indices[place] = entry.row;
      matrix.codes[place] = entry.code;
    }
  }
  return matrix;
}

}  // namespace lacuna
