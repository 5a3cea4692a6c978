#include "sim/data/trace/summed_rows.h"

#include <algorithm>

namespace lacuna {

SummedRows::SummedRows(const sparse::CodedMatrix& matrix) : count_(matrix.rows) {
  const bool held = matrix.column_starts.size() == std::size_t{matrix.columns} + 1;
  if (!held || matrix.nonzeros() >= matrix.rows) {
    return;
  }
  all_ = false;
  rows_ = matrix.row_indices;
  std::sort(rows_.begin(), rows_.end());
  rows_.erase(std::unique(rows_.begin(), rows_.end()), rows_.end());
  count_ = rows_.size();
}

CodedColumn SummedRows::placed(const CodedColumn& column) {
  if (all_) {
    return column;
  }
  places_.clear();
  for (std::size_t e = 0; e < column.size; ++e) {
    const auto row = std::lower_bound(rows_.begin(), rows_.end(), column.rows[e]);
    places_.push_back(static_cast<std::uint32_t>(row - rows_.begin()));
  }
  return {places_.data(), column.codes, column.size};
}

}  // namespace lacuna
