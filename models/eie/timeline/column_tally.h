#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "models/common/vector_clones.h"
#include "models/eie/layer.h"
#include "models/eie/timeline/count_cells.h"
#include "models/eie/timeline/lane_vector.h"
#include "models/eie/timeline/row_split.h"

namespace lacuna::eie {

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

}  // namespace lacuna::eie
