#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/eie/timeline/row_marks.h"

namespace lacuna::eie {

/// Columns of one row batch that are counted by marks: they are held back until their group is full.
class MarkedColumns {
 public:
  explicit MarkedColumns(const MarkedRows& rows) : marks_(rows) {}

  RowMarks& marks() { return marks_; }

  /// Marks the part of `column` that lies in this row batch, which begins with row `base`. Columns must
  /// follow each other. `count(first_column, columns)` is called when a group is full, and must count it.
  template <class CountGroup>
  void add(std::uint32_t column, ColumnRows part, std::uint32_t base, CountGroup&& count) {
    if (columns_ == 0) {
      first_column_ = column;
    }
    marks_.mark(columns_, part, base);
    if (++columns_ == marks_.group_columns()) {
      flush(count);
    }
  }

  /// Counts what is held back; the next column may be any.
  template <class CountGroup>
  void flush(CountGroup&& count) {
    if (columns_ != 0) {
      count(first_column_, columns_);
      columns_ = 0;
    }
  }

 private:
  RowMarks marks_;
  std::uint32_t first_column_ = 0;
  std::uint32_t columns_ = 0;
};

}  // namespace lacuna::eie
