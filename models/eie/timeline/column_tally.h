#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "models/common/vector_clones.h"
#include "models/eie/layer.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/lanes.h"

namespace lacuna::eie {

/// Where a row of a row batch lies.
struct PeAddress {
  std::uint32_t pe;
  std::uint32_t address;
};

/// The same as one number that grows by 2^unit_bits from an address to the next, and the PE.
struct PePosition {
  std::uint32_t pe;
  std::uint32_t position;
};

/// row -> (row mod N, row / N), looked up. For addresses below 2^16.
struct TableSplit {
  const std::uint32_t* table;  ///< address * 2^16 + PE for each row
  static constexpr std::uint32_t unit_bits() { return 16; }
  PePosition position(std::uint32_t row) const { return {table[row] & 0xffffU, table[row]}; }
  PeAddress address(std::uint32_t row) const { return {table[row] & 0xffffU, table[row] >> 16}; }
};

/// The same for an N that is a power of two: the row itself is the position.
struct PowerOfTwoSplit {
  std::uint32_t mask;
  std::uint32_t shift;
  std::uint32_t unit_bits() const { return shift; }
  PePosition position(std::uint32_t row) const { return {row & mask, row}; }
  PeAddress address(std::uint32_t row) const { return {row & mask, row >> shift}; }
};

/// The same for any N up to 2^10 and rows below 2^31: with 2^l >= N and m = ceil(2^(31+l) / N) < 2^32,
/// row * m / 2^(31+l) exceeds row / N by less than 1/N (Granlund and Montgomery, PLDI 1994). Positions need
/// addresses below 2^16.
struct ReciprocalSplit {
  std::uint64_t reciprocal;
  std::uint32_t shift;
  std::uint32_t pe_count;
  static constexpr std::uint32_t unit_bits() { return 16; }
  PePosition position(std::uint32_t row) const {
    const PeAddress where = address(row);
    return {where.pe, (where.address << 16) + where.pe};
  }
  PeAddress address(std::uint32_t row) const {
    const auto address = static_cast<std::uint32_t>(row * reciprocal >> shift);
    return {row - address * pe_count, address};
  }
};

/// The same for everything else.
struct DivisionSplit {
  std::uint32_t pe_count;
  static constexpr std::uint32_t unit_bits() { return 16; }
  PePosition position(std::uint32_t row) const {
    return {row % pe_count, (row / pe_count << 16) + row % pe_count};
  }
  PeAddress address(std::uint32_t row) const { return {row % pe_count, row / pe_count}; }
};

using RowSplit = std::variant<TableSplit, PowerOfTwoSplit, ReciprocalSplit, DivisionSplit>;

constexpr bool is_power_of_two(std::uint32_t n) {
  return n != 0 && (n & (n - 1)) == 0;
}

/// Smallest l with 2^l >= n; n >= 1.
constexpr std::uint32_t ceil_log2(std::uint32_t n) {
  std::uint32_t l = 0;
  while ((std::uint64_t{1} << l) < n) {
    ++l;
  }
  return l;
}

constexpr ReciprocalSplit reciprocal_split(std::uint32_t n) {
  const std::uint32_t shift = 31 + ceil_log2(n);
  return {((std::uint64_t{1} << shift) + n - 1) / n, shift, n};
}

/// The rows of a row batch.
struct RowRange {
  std::uint32_t base;
  std::uint32_t bound;  ///< one past the last
};

/// Where the counts of a column go, one cell per lane.
template <class Count, class Edge>
struct TallyCells {
  Count* entries;
  Count* padding;
  Edge* last;  ///< address of the last entry, at most `no_last`; `no_last` without entries
  Edge no_last;
};

struct Harvest {
  std::uint32_t largest = 0;  ///< entries of a lane
  std::uint32_t padding = 0;  ///< of all lanes
};

/// Counts the entries of one column (one row batch of it) in each PE. An entry at some address with z zeros
/// between it and the address behind the entry before has floor(z / 2^index_bits) padding entries in front.
///
/// Each PE has two words: the position (see `PePosition`) that its next entry would have if no zero came
/// before it; and a tally with the real entries in the upper half and the padding entries in the lower. The
/// first depends on no load, so that entries of one PE that follow each other need not wait for each other;
/// for few PEs, `copies` tallies take turns.
template <class Tally>
class PackedTally {
 public:
  static constexpr std::uint32_t half_bits = 4 * sizeof(Tally);
  static constexpr std::uint64_t most_rows = (std::uint64_t{1} << half_bits) - 1;  ///< per PE

  PackedTally(std::uint32_t lanes, std::uint32_t index_bits)
      : index_bits_(index_bits),
        copies_(lanes == lane_block ? 4 : 1),
        next_(lanes),
        tally_(std::size_t{4} * lanes) {}

  std::size_t lanes() const { return next_.size(); }

  LACUNA_INLINE void reset() {
    const std::size_t whole_blocks = lanes() / lane_block * lane_block;
    std::uint32_t* const next = next_.data();
    for (std::size_t lane = 0; lane < whole_blocks; ++lane) {
      next[lane] = static_cast<std::uint32_t>(lane);
    }
    Tally* const tally = tally_.data();
    for (std::size_t i = 0; i < copies_ * whole_blocks; ++i) {
      tally[i] = 0;
    }
  }

  /// Counts nonzeros that all lie in the row batch that begins at row 0.
  template <class Split>
  LACUNA_INLINE void count_all(ColumnRows column, Split split) {
    if (copies_ == 1) {
      count_words<0>(column.rows, column.size, split, index_bits_, lanes(), next_.data(), tally_.data());
    } else {
      count_words<1>(column.rows, column.size, split, index_bits_, lanes(), next_.data(), tally_.data());
    }
  }

  /// Counts the nonzeros in `range`, which begin with the first; returns how many they are.
  template <class Split>
  LACUNA_INLINE std::size_t count_range(ColumnRows column, RowRange range, Split split) {
    std::size_t e = 0;
    for (; e < column.size && column.rows[e] < range.bound; ++e) {
      add(split, column.rows[e] - range.base, index_bits_, next_.data(), tally_.data());
    }
    return e;
  }

  /// Counts, for the only PE (whose positions are addresses), `real` nonzeros, the last of them before
  /// `next_address`, with so much padding.
  void count_single(std::uint32_t next_address, std::uint64_t real, std::uint32_t padding) {
    next_[0] = next_address;
    tally_[0] = static_cast<Tally>((real << half_bits) + padding);
  }

  /// Writes the counts of all lanes. `unit_bits` are those of the split.
  template <class Count, class Edge>
  LACUNA_INLINE Harvest harvest(const TallyCells<Count, Edge>& cells, std::uint32_t unit_bits) const {
    return copies_ == 1 ? harvest_words<0>(cells, lanes(), unit_bits, next_.data(), tally_.data())
                        : harvest_words<1>(cells, lanes(), unit_bits, next_.data(), tally_.data());
  }

 private:
  template <std::size_t turns, class Count, class Edge>
  LACUNA_INLINE static Harvest harvest_words(TallyCells<Count, Edge> cells, std::size_t lanes,
                                             std::uint32_t unit_bits, const std::uint32_t* next,
                                             const Tally* tally) {
    const std::size_t whole_blocks = lanes / lane_block * lane_block;
    constexpr auto low = static_cast<Tally>(most_rows);
    Tally largest = 0;
    std::uint32_t all_padding = 0;
    LACUNA_INDEPENDENT_LANES
    for (std::size_t lane = 0; lane < whole_blocks; ++lane) {
      Tally sum = tally[lane];
      if (turns != 0) {
        sum =
            static_cast<Tally>(sum + tally[lane + lanes] + tally[lane + 2 * lanes] + tally[lane + 3 * lanes]);
      }
      const auto padding = static_cast<Tally>(sum & low);
      const auto stored = static_cast<Tally>((sum >> half_bits) + padding);
      largest = std::max(largest, stored);
      all_padding += padding;
      cells.entries[lane] = static_cast<Count>(stored);
      cells.padding[lane] = static_cast<Count>(padding);
    }
    LACUNA_INDEPENDENT_LANES
    for (std::size_t lane = 0; lane < whole_blocks; ++lane) {
      const std::uint32_t last = (next[lane] >> unit_bits) - 1U;
      cells.last[lane] = static_cast<Edge>(std::min<std::uint32_t>(last, cells.no_last));
    }
    return {largest, all_padding};
  }

  template <class Split>
  static LACUNA_INLINE void add(Split split, std::uint32_t row, std::uint32_t index_bits, std::uint32_t* next,
                                Tally* tally) {
    const PePosition here = split.position(row);
    const std::uint32_t padding = (here.position - next[here.pe]) >> (split.unit_bits() + index_bits);
    next[here.pe] = here.position + (1U << split.unit_bits());
    tally[here.pe] = static_cast<Tally>(tally[here.pe] + (Tally{1} << half_bits) + padding);
  }

  template <std::size_t turns, class Split>
  LACUNA_INLINE static void count_words(const std::uint32_t* rows, std::size_t size, Split split,
                                        std::uint32_t index_bits, std::size_t lanes, std::uint32_t* next,
                                        Tally* tally) {
    std::size_t e = 0;
    for (; e + 4 <= size; e += 4) {
      add(split, rows[e], index_bits, next, tally);
      add(split, rows[e + 1], index_bits, next, tally + turns * lanes);
      add(split, rows[e + 2], index_bits, next, tally + 2 * turns * lanes);
      add(split, rows[e + 3], index_bits, next, tally + 3 * turns * lanes);
    }
    for (; e < size; ++e) {
      add(split, rows[e], index_bits, next, tally);
    }
  }

  std::uint32_t index_bits_;
  std::size_t copies_;
  LaneVector<std::uint32_t> next_;
  LaneVector<Tally> tally_;
};

/// The same for any number of rows.
class WideTally {
 public:
  WideTally(std::uint32_t lanes, std::uint32_t index_bits) : index_bits_(index_bits), states_(lanes) {}

  std::size_t lanes() const { return states_.size(); }
  void reset() { std::fill(states_.begin(), states_.end(), State{}); }

  template <class Split>
  void count_all(ColumnRows column, Split split) {
    for (std::size_t e = 0; e < column.size; ++e) {
      add(split.address(column.rows[e]));
    }
  }

  template <class Split>
  std::size_t count_range(ColumnRows column, RowRange range, Split split) {
    std::size_t e = 0;
    for (; e < column.size && column.rows[e] < range.bound; ++e) {
      add(split.address(column.rows[e] - range.base));
    }
    return e;
  }

  void count_single(std::uint32_t next_address, std::uint64_t real, std::uint32_t padding) {
    states_[0] = {next_address, static_cast<std::uint32_t>(real), padding};
  }

  template <class Count, class Edge>
  Harvest harvest(const TallyCells<Count, Edge>& cells, std::uint32_t /*unit_bits*/) const {
    Harvest sum;
    for (std::size_t lane = 0; lane < states_.size(); ++lane) {
      const State& state = states_[lane];
      const std::uint32_t stored = state.real + state.padding;
      const std::uint32_t last = state.next_address - 1U;
      sum.largest = std::max(sum.largest, stored);
      sum.padding += state.padding;
      cells.entries[lane] = static_cast<Count>(stored);
      cells.padding[lane] = static_cast<Count>(state.padding);
      cells.last[lane] = static_cast<Edge>(std::min<std::uint32_t>(last, cells.no_last));
    }
    return sum;
  }

 private:
  struct State {
    std::uint32_t next_address = 0;
    std::uint32_t real = 0;
    std::uint32_t padding = 0;
  };

  void add(PeAddress where) {
    State& state = states_[where.pe];
    state.padding += (where.address - state.next_address) >> index_bits_;
    state.next_address = where.address + 1;
    ++state.real;
  }

  std::uint32_t index_bits_;
  std::vector<State> states_;
};

using ColumnTally = std::variant<PackedTally<std::uint16_t>, PackedTally<std::uint32_t>, WideTally>;

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

/// Counts a column, row by row, for few PEs: the addresses of each PE are gathered into a list of their own,
/// thirty-two nonzeros at a time, and the gaps of a list summed up in vectors. It needs AVX-512 with VBMI2.
class FewPes {
 public:
  static constexpr std::uint32_t most_pes = 5;

  struct Lane {
    std::uint32_t entries = 0;  ///< padding included
    std::uint32_t padding = 0;
    std::uint32_t first = 0;  ///< addresses, if there are entries
    std::uint32_t last = 0;
  };

  /// Whether it can count this on this machine.
  static bool serve(std::uint32_t pe_count, std::uint32_t rows);

  /// For columns of up to `rows` rows.
  FewPes(std::uint32_t pe_count, std::uint32_t index_bits, std::uint32_t rows);

  /// Counts the nonzeros of `column`, whose rows are less by `base` than they are in their row batch.
  void count(ColumnRows column, std::uint32_t base, Lane* lanes);

 private:
  // Compilers without vector clones have no use for them.
  [[maybe_unused]] std::uint32_t pe_count_;
  [[maybe_unused]] std::uint32_t index_bits_;
  [[maybe_unused]] std::uint32_t list_size_;
  std::vector<std::uint16_t> lists_;
};

}  // namespace lacuna::eie
