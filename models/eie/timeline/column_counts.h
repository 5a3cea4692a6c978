#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "models/eie/layer.h"
#include "models/eie/timeline/lanes.h"

namespace lacuna::eie {

/// PEs lie side by side in lanes, filled up to a multiple of this with lanes that never hold an entry.
inline constexpr std::uint32_t lane_block = 16;

constexpr std::uint32_t lane_count(std::uint32_t pe_count) {
  return (pe_count + lane_block - 1) / lane_block * lane_block;
}

/// Stored entries, and padding entries among them: one cell per (image column, lane), column after column.
template <class Count>
struct CountCells {
  using Cell = Count;
  LaneVector<Count> entries;
  LaneVector<Count> padding;
};

/// Addresses of a column's first and last entry in each lane, as far as two columns that follow each other
/// can meet there. Only a first entry without padding before it can meet anything, and its address is at most
/// z_max; otherwise `first` is `no_first`. The last address is kept up to `no_last`, which also stands for no
/// entry; z_max is less.
template <class Edge>
struct EdgeCells {
  using Cell = Edge;
  static constexpr Edge no_first = static_cast<Edge>(-1);
  static constexpr Edge no_last = static_cast<Edge>(-2);
  LaneVector<Edge> first;
  LaneVector<Edge> last;
};

/// All that the machine's timing needs of a matrix, for one number of PEs, index width and row batch size.
/// Two to eight bytes (mostly four or five) per image column and lane.
class ColumnCounts {
 public:
  using Counts = std::variant<CountCells<std::uint8_t>, CountCells<std::uint16_t>, CountCells<std::uint32_t>>;
  using Edges = std::variant<EdgeCells<std::uint8_t>, EdgeCells<std::uint16_t>>;

  /// Counts the nonzeros of `matrix` without encoding it, in one pass.
  static ColumnCounts of(const CodedMatrix& matrix, const ImageGeometry& geometry);
  /// Counts the remaining columns of `source`.
  static ColumnCounts of(ColumnSource& source, const ImageGeometry& geometry);

  const ImageGeometry& geometry() const { return geometry_; }
  std::uint32_t pe_count() const { return geometry_.pe_count; }
  std::uint32_t lanes() const { return lane_count(geometry_.pe_count); }
  std::uint32_t rows() const { return rows_; }
  std::uint32_t columns() const { return columns_; }  ///< of the matrix, bias included
  std::uint32_t row_batches() const { return row_batches_; }
  std::uint64_t stored_entries() const { return stored_entries_; }  ///< padding included
  std::uint64_t padding_entries() const { return padding_entries_; }
  std::uint32_t largest_count() const { return largest_count_; }  ///< of entries in one cell
  std::vector<std::uint64_t> pe_entries() const;                  ///< stored entries of each PE

  const Counts& counts() const { return counts_; }
  const Edges& edges() const { return edges_; }
  /// With counts of a byte, of a whole layer: the number, modulo 256, of the entry in each lane before each
  /// image column and behind the last one; entries of a PE are numbered from 0 in memory order, so the first
  /// has 255 before it. Else empty.
  const LaneVector<std::uint8_t>& entry_numbers() const { return entry_numbers_; }
  std::uint32_t entries_at(std::uint32_t image_column, std::uint32_t pe) const;
  std::uint32_t padding_at(std::uint32_t image_column, std::uint32_t pe) const;
  std::uint64_t bytes() const;  ///< memory held

 private:
  friend class ColumnCountsBuilder;
  /// Cells are left unset.
  ColumnCounts(const ImageGeometry& geometry, std::uint32_t rows, std::uint32_t columns,
               std::uint64_t largest_count);
  void number_entries();

  ImageGeometry geometry_;
  std::uint32_t rows_ = 0;
  std::uint32_t columns_ = 0;
  std::uint32_t row_batches_ = 1;
  std::uint64_t stored_entries_ = 0;
  std::uint64_t padding_entries_ = 0;
  std::uint32_t largest_count_ = 0;
  Counts counts_;
  Edges edges_;
  LaneVector<std::uint8_t> entry_numbers_;
};

}  // namespace lacuna::eie
