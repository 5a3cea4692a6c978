#include "models/eie/timeline/schedule.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/common/vector_clones.h"
#include "models/eie/timeline/lane_vector.h"

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

template <class Count>
void add_slice(const CountCells<Count>& cells, std::uint32_t lanes, const SliceColumns& slice,
               EntrySums& sums) {
  using Sum = std::conditional_t<sizeof(Count) == 1, std::uint16_t,
                                 std::conditional_t<sizeof(Count) == 2, std::uint32_t, std::uint64_t>>;
  for (std::size_t begin = 0; begin < slice.size; begin += columns_per_run) {
    ShortSums<Sum> run(lanes);
    add_columns(cells, lanes, slice, begin, std::min(slice.size, begin + columns_per_run), run);
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
      sums.entries[lane] += run.entries[lane];
      sums.padding[lane] += run.padding[lane];
      sums.empty_columns[lane] += run.empty[lane];
    }
  }
}

/// Appends the lanes in which `first` and `last` are equal.
template <class Edge>
LACUNA_INLINE void append_equal(const Edge* first, const Edge* last, std::size_t lanes,
                                std::vector<std::uint16_t>& pes) {
  for (std::size_t block = 0; block < lanes; block += lane_block) {
    std::uint8_t equal[lane_block];
    for (std::size_t i = 0; i < lane_block; ++i) {
      equal[i] = first[block + i] == last[block + i] ? 1 : 0;
    }
    std::uint64_t halves[2];
    static_assert(sizeof halves == sizeof equal);
    std::memcpy(halves, equal, sizeof halves);
    if ((halves[0] | halves[1]) != 0) {
      for (std::size_t i = 0; i < lane_block; ++i) {
        if (equal[i] != 0) {
          pes.push_back(static_cast<std::uint16_t>(block + i));
        }
      }
    }
  }
}

template <class Edge>
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
      append_equal(&edges.first[cell], last, lanes, out.meeting_pes);
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
  std::visit([&](const auto& edges) { find_meetings(edges, lanes, slice, carry, out); }, counts.edges());
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
