#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "models/eie/layer.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/column_tally.h"
#include "models/eie/timeline/few_pes.h"
#include "models/eie/timeline/marked_columns.h"
#include "models/eie/timeline/part_tally.h"

namespace lacuna::eie {

/// Makes `ColumnCounts` of columns that arrive one after the other.
class ColumnCountsBuilder {
 public:
  /// Throws CapacityError if there would be more than 2^32 cells.
  ColumnCountsBuilder(const ImageGeometry& geometry, std::uint32_t rows, std::uint32_t columns);

  /// Counts the next column. Throws InputDataError when a row is out of range.
  void add(ColumnRows column);

  /// The counts, once all columns were added.
  ColumnCounts finish();

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
