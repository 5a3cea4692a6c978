#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/eie/engine.h"
#include "models/eie/layer.h"
#include "models/eie/parameters.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/schedule.h"

namespace lacuna::eie {

/// Cycles, cycle classes and events of one run without its values: `outputs` is empty and
/// `accumulator_saturations`, the one event that depends on values, is 0. `row_reads` are
/// `count_spmat_row_reads(counts, schedule, parameters.entries_per_spmat_row())`. Counts, schedule and row
/// reads may be shared by runs on machines that differ only in what these do not depend on.
RunResult simulate_timing(const Parameters& parameters, const ColumnCounts& counts, const Schedule& schedule,
                          const std::vector<std::uint64_t>& row_reads);

/// The same from the activations (`shape.inputs` raw values).
RunResult simulate_timing(const Parameters& parameters, const ColumnCounts& counts, const LayerShape& shape,
                          const std::vector<std::int32_t>& activations);

/// Cells (image columns times lanes) of a stream that are held at once, unless said otherwise: some ten
/// megabytes.
inline constexpr std::size_t default_stream_cells = std::size_t{1} << 20;

/// What a streamed matrix takes in the machine's memories.
struct StreamedImage {
  std::vector<std::uint64_t> pe_entries;  ///< stored entries of each PE, padding included
  std::uint64_t stored_entries = 0;       ///< of all PEs
  std::uint64_t padding_entries = 0;
};

/// The same for a matrix that is streamed: memory does not grow with its nonzeros. Where the machine needs
/// several row batches the columns are read twice, from the first on. At least one column is held, however
/// few `held_cells`. `image`, if given, is filled. Throws InputDataError for a row out of range.
RunResult simulate_timing(const Parameters& parameters, ColumnSource& source, const LayerShape& shape,
                          const std::vector<std::int32_t>& activations,
                          std::size_t held_cells = default_stream_cells, StreamedImage* image = nullptr);

}  // namespace lacuna::eie
