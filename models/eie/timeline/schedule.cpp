#include "models/eie/timeline/schedule.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/eie/timeline/meetings.h"

namespace lacuna::eie {
namespace {

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

}  // namespace

void check_match(const Parameters& parameters, const LayerShape& shape, const ColumnCounts& counts) {
  const ImageGeometry wanted = image_geometry(parameters);
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

SliceSchedule schedule_slice(const ColumnCounts& counts, const SliceColumns& slice, EntrySums& sums,
                             CarriedLast& carry) {
  SliceSchedule out;
  const std::vector<std::uint64_t> before = sums.entries;
  std::vector<std::uint32_t> searched;
  add_entries(counts, slice, sums);
  for (std::uint32_t pe = 0; pe < counts.pe_count(); ++pe) {
    if (sums.entries[pe] != before[pe]) {
      searched.push_back(pe);
    }
  }
  std::visit([&](const auto& cells) { find_finals(cells, counts.lanes(), slice, std::move(searched), out); },
             counts.counts());
  find_meetings(counts, slice, carry, out);
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
