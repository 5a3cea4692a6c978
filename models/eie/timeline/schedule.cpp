#include "models/eie/timeline/schedule.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/eie/timeline/lane_registers.h"
#include "models/eie/timeline/lane_vector.h"
#include "models/eie/timeline/vector_clones.h"

namespace lacuna::eie {
namespace {

/// Sums of some columns, per lane, in a type that holds `run` of them.
template <class Sum>
struct ShortSums {
  LaneVector<Sum> entries;
  LaneVector<Sum> padding;
  LaneVector<std::uint8_t> empty;

  explicit ShortSums(std::size_t lanes) : entries(lanes, 0), padding(lanes, 0), empty(lanes, 0) {}
};

/// Columns that may be added before sums in 16, 32, 64 bits of counts in 8, 16, 32 bits, or `empty`,
/// overflow.
constexpr std::size_t columns_per_run = 255;

template <class Count, class Sum>
LACUNA_VECTOR_CLONES void add_columns(const CountCells<Count>& cells, std::size_t lanes,
                                      const SliceColumns& slice, std::size_t begin, std::size_t end,
                                      ShortSums<Sum>& sums) {
  const std::size_t whole_blocks = lanes / lane_block * lane_block;
  Sum* __restrict entries = sums.entries.data();
  Sum* __restrict padding = sums.padding.data();
  std::uint8_t* __restrict empty = sums.empty.data();
  for (std::size_t k = begin; k < end; ++k) {
    const std::size_t cell = slice.image_column(k) * lanes;
    const std::size_t soon = slice.image_column(std::min(k + prefetch_distance, end - 1)) * lanes;
    LACUNA_PREFETCH(&cells.entries[soon]);
    LACUNA_PREFETCH(&cells.padding[soon]);
    const Count* __restrict column_entries = &cells.entries[cell];
    const Count* __restrict column_padding = &cells.padding[cell];
    for (std::size_t lane = 0; lane < whole_blocks; ++lane) {
      entries[lane] = static_cast<Sum>(entries[lane] + column_entries[lane]);
      padding[lane] = static_cast<Sum>(padding[lane] + column_padding[lane]);
    }
    for (std::size_t lane = 0; lane < whole_blocks; ++lane) {
      empty[lane] = static_cast<std::uint8_t>(empty[lane] + (column_entries[lane] == 0 ? 1 : 0));
    }
  }
}

#ifdef LACUNA_HAS_LANE_REGISTERS
/// The same for whole blocks of `register_lanes`, whose sums stay in registers.
LACUNA_VECTOR_CLONES void add_columns_in_registers(const CountCells<std::uint8_t>& cells, std::size_t lanes,
                                                   const SliceColumns& slice, std::size_t begin,
                                                   std::size_t end, ShortSums<std::uint16_t>& sums) {
  for (std::size_t block = 0; block < lanes; block += register_lanes) {
    const std::uint8_t* const entries = cells.entries.data() + block;
    const std::uint8_t* const padding = cells.padding.data() + block;
    HalfLanes even_entries = {};
    HalfLanes odd_entries = {};
    HalfLanes even_padding = {};
    HalfLanes odd_padding = {};
    LaneBytes empty = {};
    for (std::size_t k = begin; k < end; ++k) {
      const std::size_t cell = slice.image_column(k) * lanes;
      const std::size_t soon = slice.image_column(std::min(k + prefetch_distance, end - 1)) * lanes;
      LACUNA_PREFETCH(entries + soon);
      LACUNA_PREFETCH(padding + soon);
      HalfLanes pairs;
      load_lanes(pairs, entries + cell);
      even_entries += pairs & 0xff;
      odd_entries += pairs >> 8;
      LaneBytes bytes;
      load_lanes(bytes, entries + cell);
      empty -= reinterpret_cast<LaneBytes>(bytes == 0);
      load_lanes(pairs, padding + cell);
      even_padding += pairs & 0xff;
      odd_padding += pairs >> 8;
    }
    store_halves(even_entries, odd_entries, sums.entries.data() + block);
    store_halves(even_padding, odd_padding, sums.padding.data() + block);
    std::memcpy(sums.empty.data() + block, &empty, sizeof empty);
  }
}
#endif

template <class Count, class Sum>
void add_run(const CountCells<Count>& cells, std::size_t lanes, const SliceColumns& slice, std::size_t begin,
             std::size_t end, ShortSums<Sum>& sums) {
#ifdef LACUNA_HAS_LANE_REGISTERS
  if constexpr (sizeof(Count) == 1) {
    if (lanes % register_lanes == 0) {
      add_columns_in_registers(cells, lanes, slice, begin, end, sums);
      return;
    }
  }
#endif
  add_columns(cells, lanes, slice, begin, end, sums);
}

template <class Count>
void add_slice(const CountCells<Count>& cells, std::uint32_t lanes, const SliceColumns& slice,
               EntrySums& sums) {
  using Sum = std::conditional_t<sizeof(Count) == 1, std::uint16_t,
                                 std::conditional_t<sizeof(Count) == 2, std::uint32_t, std::uint64_t>>;
  for (std::size_t begin = 0; begin < slice.size; begin += columns_per_run) {
    ShortSums<Sum> run(lanes);
    add_run(cells, lanes, slice, begin, std::min(slice.size, begin + columns_per_run), run);
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
      sums.entries[lane] += run.entries[lane];
      sums.padding[lane] += run.padding[lane];
      sums.empty_columns[lane] += run.empty[lane];
    }
  }
}

/// Bit i: `first` and `last` are equal in lane i of so many.
template <std::size_t lanes, class Edge>
LACUNA_INLINE std::uint64_t equal_lanes(const Edge* first, const Edge* last) {
  static_assert(lanes <= 64 && lanes % 8 == 0);
  std::uint8_t equal[lanes];
  std::uint8_t any = 0;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    equal[lane] = first[lane] == last[lane] ? 1 : 0;
    any = static_cast<std::uint8_t>(any | equal[lane]);
  }
  if (any == 0) {
    return 0;  // accumulators seldom meet
  }
  std::uint64_t mask = 0;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    mask |= std::uint64_t{equal[lane]} << lane;
  }
  return mask;
}

/// Number of the lowest bit set in `mask`, which is not 0.
LACUNA_INLINE std::size_t lowest_bit(std::uint64_t mask) {
#if defined(__GNUC__)
  return static_cast<std::size_t>(__builtin_ctzll(mask));
#else
  std::size_t bit = 0;
  for (; (mask & 1U) == 0; mask >>= 1U) {
    ++bit;
  }
  return bit;
#endif
}

template <std::size_t wide, class Edge>
LACUNA_VECTOR_CLONES void find_meetings(const EdgeCells<Edge>& edges, std::uint32_t lanes,
                                        const SliceColumns& slice, CarriedLast& carry, SliceSchedule& out) {
  const std::vector<Edge> before(carry.begin(), carry.end());
  const Edge* last = before.empty() ? nullptr : before.data();
  out.meeting_starts.reserve(slice.size + 1);
  out.meeting_starts.push_back(0);
  for (std::size_t k = 0; k < slice.size; ++k) {
    const std::size_t cell = slice.image_column(k) * lanes;
    const std::size_t soon = slice.image_column(std::min(k + prefetch_distance, slice.size - 1)) * lanes;
    LACUNA_PREFETCH(&edges.first[soon]);
    LACUNA_PREFETCH(&edges.last[soon]);
    if (last != nullptr) {
      for (std::size_t block = 0; block < lanes; block += wide) {
        std::uint64_t equal = equal_lanes<wide>(&edges.first[cell + block], last + block);
        for (; equal != 0; equal &= equal - 1) {
          out.meeting_pes.push_back(static_cast<std::uint16_t>(block + lowest_bit(equal)));
        }
      }
    }
    out.meeting_starts.push_back(static_cast<std::uint32_t>(out.meeting_pes.size()));
    last = &edges.last[cell];
  }
  if (slice.size != 0) {
    carry.assign(last, last + lanes);
  }
}

/// Goes backwards until every PE that has entries at all was seen.
template <class Count>
void find_finals(const CountCells<Count>& cells, std::uint32_t lanes, const SliceColumns& slice,
                 std::vector<std::uint32_t> searched, SliceSchedule& out) {
  for (std::size_t k = slice.size; k-- > 0 && !searched.empty();) {
    const Count* entries = &cells.entries[slice.image_column(k) * lanes];
    const auto still_empty = [&](std::uint32_t pe) { return entries[pe] == 0; };
    const auto found = std::stable_partition(searched.begin(), searched.end(), still_empty);
    for (auto pe = found; pe != searched.end(); ++pe) {
      out.finals.push_back({static_cast<std::uint32_t>(k), *pe});
    }
    searched.erase(found, searched.end());
  }
  std::reverse(out.finals.begin(), out.finals.end());
}

void check_match(const Parameters& parameters, const LayerShape& shape, const ColumnCounts& counts) {
  const ImageGeometry wanted = ImageGeometry::of(parameters);
  const ImageGeometry& got = counts.geometry();
  const bool same_batches = wanted.rows_per_batch == got.rows_per_batch || counts.row_batches() == 1;
  if (wanted.pe_count != got.pe_count || wanted.relative_index_bits != got.relative_index_bits ||
      !same_batches) {
    throw ConfigurationError(
        {},
        fmt::format("the columns were counted for {} PEs, {} index bits and {} rows per batch", got.pe_count,
                    got.relative_index_bits, got.rows_per_batch),
        fmt::format("this machine has {}, {} and {}", wanted.pe_count, wanted.relative_index_bits,
                    wanted.rows_per_batch));
  }
  if (shape.columns() != counts.columns() || shape.outputs != counts.rows()) {
    throw ConfigurationError({},
                             fmt::format("counts of {} rows and {} columns", counts.rows(), counts.columns()),
                             fmt::format("the layer has {} and {}", shape.outputs, shape.columns()));
  }
}

}  // namespace

SliceSchedule schedule_slice(const ColumnCounts& counts, const SliceColumns& slice, EntrySums& sums,
                             CarriedLast& carry) {
  SliceSchedule out;
  const std::uint32_t lanes = counts.lanes();
  const std::vector<std::uint64_t> before = sums.entries;
  std::vector<std::uint32_t> searched;
  std::visit(
      [&](const auto& cells) {
        add_slice(cells, lanes, slice, sums);
        for (std::uint32_t pe = 0; pe < counts.pe_count(); ++pe) {
          if (sums.entries[pe] != before[pe]) {
            searched.push_back(pe);
          }
        }
        find_finals(cells, lanes, slice, std::move(searched), out);
      },
      counts.counts());
  std::visit(
      [&](const auto& edges) {
        if (lanes % register_lanes == 0) {
          find_meetings<register_lanes>(edges, lanes, slice, carry, out);
        } else {
          find_meetings<lane_block>(edges, lanes, slice, carry, out);
        }
      },
      counts.edges());
  return out;
}

Schedule::Schedule(const Parameters& parameters, const LayerShape& shape, const ColumnCounts& counts,
                   const std::vector<std::int32_t>& activations)
    : shape_(shape), columns_(counts.columns()), sums_(counts.lanes()) {
  check_match(parameters, shape, counts);
  broadcasts_ = scan(parameters, shape, activations);
  runs_ = column_runs(0, columns_, broadcasts_.columns.data(), broadcasts_.columns.size());
  slices_.reserve(std::size_t{counts.row_batches()} * broadcasts_.batches.size());
  for (std::uint32_t row_batch = 0; row_batch < counts.row_batches(); ++row_batch) {
    for (std::size_t batch = 0; batch < broadcasts_.batches.size(); ++batch) {
      CarriedLast start_of_phase;
      slices_.push_back(schedule_slice(counts, columns(row_batch, batch), sums_, start_of_phase));
    }
  }
}

SliceColumns Schedule::columns(std::size_t row_batch, std::size_t column_batch) const {
  const ScannedBatch& batch = broadcasts_.batches[column_batch];
  return {broadcasts_.columns.data() + batch.first_broadcast, batch.end_broadcast - batch.first_broadcast,
          static_cast<std::int64_t>(row_batch) * columns_};
}

}  // namespace lacuna::eie
