#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "models/eie/layer.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/column_tally.h"
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

/// Makes `ColumnCounts` of columns that arrive one after the other.
class ColumnCountsBuilder {
 public:
  /// Throws CapacityError if there would be more than 2^32 cells.
  ColumnCountsBuilder(const ImageGeometry& geometry, std::uint32_t rows, std::uint32_t columns);

  /// Counts the next column. Throws InputDataError when a row is out of range.
  void add(ColumnRows column);

  /// The counts, once all columns were added. They lack the numbers of entries, which those of a whole layer
  /// have.
  ColumnCounts finish();
  ColumnCounts finish_layer();

 private:
  void prepare_marks();
  void choose_way();
  void flush();
  void count_few(ColumnRows part, std::uint32_t base, std::size_t cell);
  void take_group(std::uint32_t batch, std::uint32_t first_column, std::uint32_t columns);
  std::size_t add_part(ColumnRows part, RowRange range, std::size_t cell);
  void add_totals(std::uint32_t largest, std::uint64_t padding);
  bool in_bytes() const { return std::holds_alternative<CountCells<std::uint8_t>>(result_.counts_); }
  /// Counts in bytes become such of 16 bits; those that are still unset become anything.
  void widen();
  RowRange rows_of(std::uint32_t batch) const;
  std::size_t cell_of(std::uint32_t batch, std::uint32_t column) const {
    return (std::size_t{batch} * result_.columns_ + column) * result_.lanes();
  }

  ColumnCounts result_;
  std::uint32_t column_ = 0;
  std::uint64_t nonzeros_ = 0;
  bool is_marking_ = false;
  std::optional<FewPes> few_pes_;
  std::vector<MarkedColumns> marked_;  ///< by row batch; none where the tally must do
  PartTally tally_;
};

}  // namespace lacuna::eie
