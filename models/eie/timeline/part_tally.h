#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/eie/layer.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/column_tally.h"
#include "models/eie/timeline/row_split.h"

namespace lacuna::eie {

/// What a column's part of one row batch came to.
struct CountedPart {
  std::size_t nonzeros = 0;
  Harvest harvest;
};

/// Counts columns nonzero by nonzero, with the tally and the split of rows that are the cheapest for an
/// image's sizes.
class PartTally {
 public:
  /// For row batches of up to `batch_rows` rows, of which a PE has up to `pe_rows`.
  PartTally(const ImageGeometry& geometry, std::uint32_t batch_rows, std::uint64_t pe_rows);
  PartTally(const PartTally&) = delete;
  PartTally& operator=(const PartTally&) = delete;

  /// Counts a column's part of one row batch, which begins with the first of `part`, into the cells from
  /// `cell` on.
  CountedPart count(ColumnRows part, RowRange range, ColumnCounts::Counts& counts, ColumnCounts::Edges& edges,
                    std::size_t cell);

 private:
  ImageGeometry geometry_;
  ColumnTally tally_;
  std::vector<std::uint32_t> split_table_;
  RowSplit split_;
};

}  // namespace lacuna::eie
