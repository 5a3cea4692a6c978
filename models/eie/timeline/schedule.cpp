#include "models/eie/timeline/schedule.h"

#include <algorithm>
#include <type_traits>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/eie/timeline/vector_clones.h"

namespace lacuna::eie {
namespace {

/// Adds the columns of a slice for the 16 lanes from `lane` on.
template <class Count>
LACUNA_VECTOR_CLONES void add_block(const CountCells<Count>& cells, std::uint32_t lanes, std::uint32_t lane,
                                    const SliceColumns& slice, EntrySums& sums) {
  // Sums of at most 2^15 counts of up to 16 bits fit 32 bits.
  using Sum = std::conditional_t<sizeof(Count) == 4, std::uint64_t, std::uint32_t>;
  constexpr std::size_t run = std::size_t{1} << 15;
  for (std::size_t begin = 0; begin < slice.size; begin += run) {
    Sum entries[lane_block] = {};
    Sum padding[lane_block] = {};
    Sum empty[lane_block] = {};
    const std::size_t end = std::min(slice.size, begin + run);
    for (std::size_t k = begin; k < end; ++k) {
      const std::size_t cell = slice.image_column(k) * lanes + lane;
      const Count* column_entries = &cells.entries[cell];
      const Count* column_padding = &cells.padding[cell];
      for (std::uint32_t i = 0; i < lane_block; ++i) {
        entries[i] += column_entries[i];
        padding[i] += column_padding[i];
        empty[i] += column_entries[i] == 0 ? 1U : 0U;
      }
    }
    for (std::uint32_t i = 0; i < lane_block; ++i) {
      sums.entries[lane + i] += entries[i];
      sums.padding[lane + i] += padding[i];
      sums.empty_columns[lane + i] += empty[i];
    }
  }
}

template <class Edge>
LACUNA_VECTOR_CLONES bool any_equal(const Edge* a, const Edge* b, std::uint32_t lanes) {
  Edge any = 0;
  for (std::uint32_t lane = 0; lane < lanes; ++lane) {
    any = static_cast<Edge>(any | (a[lane] == b[lane] ? 1 : 0));
  }
  return any != 0;
}

template <class Edge>
void find_meetings(const EdgeCells<Edge>& edges, std::uint32_t lanes, const SliceColumns& slice,
                   CarriedLast& carry, SliceSchedule& out) {
  std::vector<Edge> before(carry.begin(), carry.end());
  const Edge* last = before.empty() ? nullptr : before.data();
  out.meeting_starts.reserve(slice.size + 1);
  out.meeting_starts.push_back(0);
  for (std::size_t k = 0; k < slice.size; ++k) {
    const std::size_t cell = slice.image_column(k) * lanes;
    const Edge* first = &edges.first[cell];
    if (last != nullptr && any_equal(first, last, lanes)) {
      for (std::uint32_t lane = 0; lane < lanes; ++lane) {
        if (first[lane] == last[lane]) {
          out.meeting_pes.push_back(static_cast<std::uint16_t>(lane));
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
        for (std::uint32_t lane = 0; lane < lanes; lane += lane_block) {
          add_block(cells, lanes, lane, slice, sums);
        }
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
