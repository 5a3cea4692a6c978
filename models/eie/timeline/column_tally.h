#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/eie/timeline/column_source.h"
#include "models/eie/timeline/row_split.h"
#include "models/eie/timeline/vector_clones.h"

namespace lacuna::eie {

/// The rows of a row batch.
struct RowRange {
  std::uint32_t base;
  std::uint32_t bound;  ///< one past the last
};

/// Counts the entries of one column (one row batch of it) in each PE. An entry at some address with z zeros
/// between it and the address behind the entry before has floor(z / 2^index_bits) padding entries in front.
///
/// Each PE has two words: where its next entry would be if no zero came before it, as address * 2^16 + PE;
/// and a tally with the real entries in the upper half and the padding entries in the lower. The first
/// depends on no load, so that entries of one PE that follow each other need not wait for each other; for few
/// PEs, `copies` tallies take turns.
template <class Tally>
class PackedTally {
 public:
  static constexpr std::uint32_t half_bits = 4 * sizeof(Tally);
  static constexpr std::uint64_t most_rows = (std::uint64_t{1} << half_bits) - 1;  ///< per PE

  PackedTally(std::uint32_t lanes, std::uint32_t index_bits)
      : shift_(16 + index_bits), copies_(lanes <= 16 ? 4 : 1), next_(lanes), tally_(std::size_t{4} * lanes) {}

  std::size_t lanes() const { return next_.size(); }

  void reset() {
    for (std::size_t lane = 0; lane < next_.size(); ++lane) {
      next_[lane] = static_cast<std::uint32_t>(lane);
    }
    std::fill(tally_.begin(), tally_.begin() + static_cast<std::ptrdiff_t>(copies_ * lanes()), Tally{0});
  }

  /// Counts nonzeros that all lie in the row batch that begins at row 0.
  template <class Split>
  void count_all(ColumnRows column, Split split) {
    if (copies_ == 1) {
      count_words<0>(column.rows, column.size, split, shift_, lanes(), next_.data(), tally_.data());
    } else {
      count_words<1>(column.rows, column.size, split, shift_, lanes(), next_.data(), tally_.data());
    }
  }

  /// Counts the nonzeros in `range`, which begin with the first; returns how many they are.
  template <class Split>
  std::size_t count_range(ColumnRows column, RowRange range, Split split) {
    std::size_t e = 0;
    for (; e < column.size && column.rows[e] < range.bound; ++e) {
      add(split(column.rows[e] - range.base), shift_, next_.data(), tally_.data());
    }
    return e;
  }

  /// Counts, for the only PE, `real` nonzeros, the last of them before `next_address`, with so much padding.
  void count_single(std::uint32_t next_address, std::uint64_t real, std::uint32_t padding) {
    next_[0] = next_address << 16;
    tally_[0] = static_cast<Tally>((real << half_bits) + padding);
  }

  /// Calls store(lane, entries, padding, next address) for each lane.
  template <class Store>
  LACUNA_INLINE void harvest(Store&& store) const {
    constexpr Tally low = static_cast<Tally>(most_rows);
    const std::uint32_t* next = next_.data();
    const Tally* tally = tally_.data();
    const std::size_t size = lanes();
    for (std::size_t lane = 0; lane < size; ++lane) {
      Tally sum = tally[lane];
      if (copies_ != 1) {
        sum = static_cast<Tally>(sum + tally[lane + size] + tally[lane + 2 * size] + tally[lane + 3 * size]);
      }
      const std::uint32_t padding = sum & low;
      store(lane, (sum >> half_bits) + padding, padding, next[lane] >> 16);
    }
  }

 private:
  static LACUNA_INLINE void add(PeAddress where, std::uint32_t shift, std::uint32_t* next, Tally* tally) {
    const std::uint32_t here = (where.address << 16) + where.pe;
    const std::uint32_t padding = (here - next[where.pe]) >> shift;
    next[where.pe] = here + (1U << 16);
    tally[where.pe] = static_cast<Tally>(tally[where.pe] + (Tally{1} << half_bits) + padding);
  }

  template <std::size_t turns, class Split>
  LACUNA_VECTOR_CLONES static void count_words(const std::uint32_t* rows, std::size_t size, Split split,
                                               std::uint32_t shift, std::size_t lanes, std::uint32_t* next,
                                               Tally* tally) {
    std::size_t e = 0;
    for (; e + 4 <= size; e += 4) {
      add(split(rows[e]), shift, next, tally);
      add(split(rows[e + 1]), shift, next, tally + turns * lanes);
      add(split(rows[e + 2]), shift, next, tally + 2 * turns * lanes);
      add(split(rows[e + 3]), shift, next, tally + 3 * turns * lanes);
    }
    for (; e < size; ++e) {
      add(split(rows[e]), shift, next, tally);
    }
  }

  std::uint32_t shift_;
  std::size_t copies_;
  std::vector<std::uint32_t> next_;
  std::vector<Tally> tally_;
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
      add(split(column.rows[e]));
    }
  }

  template <class Split>
  std::size_t count_range(ColumnRows column, RowRange range, Split split) {
    std::size_t e = 0;
    for (; e < column.size && column.rows[e] < range.bound; ++e) {
      add(split(column.rows[e] - range.base));
    }
    return e;
  }

  void count_single(std::uint32_t next_address, std::uint64_t real, std::uint32_t padding) {
    states_[0] = {next_address, static_cast<std::uint32_t>(real), padding};
  }

  template <class Store>
  LACUNA_INLINE void harvest(Store&& store) const {
    for (std::size_t lane = 0; lane < states_.size(); ++lane) {
      const State& state = states_[lane];
      store(lane, state.real + state.padding, state.padding, state.next_address);
    }
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

}  // namespace lacuna::eie
