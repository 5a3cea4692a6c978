#pragma once

#include <cstdint>
#include <vector>

#include "models/sparse/layer.h"
#include "sim/data/trace/column_reader.h"

namespace lacuna {

/// Which rows of a matrix have sums, and where these lie: all of them, or, where a matrix that is held has
/// more rows than nonzeros, those with nonzeros alone. So a few bytes that claim billions of rows do not take
/// memory for them.
class SummedRows {
 public:
  explicit SummedRows(const sparse::CodedMatrix& matrix);

  /// Sums of a vector.
  std::uint64_t count() const { return count_; }
  /// The column with each row's place among the sums. Valid until the next call.
  CodedColumn placed(const CodedColumn& column);

 private:
  std::uint64_t count_;
  bool all_ = true;
  std::vector<std::uint32_t> rows_;  ///< ascending, if not all
  std::vector<std::uint32_t> places_;
};

}  // namespace lacuna
