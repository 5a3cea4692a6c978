#include "models/eie/timeline/timing.h"

#include <optional>
#include <utility>

#include "models/eie/timeline/phase_timeline.h"
#include "models/eie/timeline/row_reads.h"
#include "models/eie/timeline/run_assembly.h"
#include "models/eie/timeline/single_pass.h"

namespace lacuna::eie {

RunResult simulate_timing(const Parameters& parameters, const ColumnCounts& counts, const Schedule& schedule,
                          const std::vector<std::uint64_t>& row_reads) {
  const Broadcasts& broadcasts = schedule.broadcasts();
  RunAssembly assembly(parameters, schedule.shape(), broadcasts);
  PhaseTimeline timeline(parameters, counts.lanes());
  for (std::size_t row_batch = 0; row_batch < counts.row_batches(); ++row_batch) {
    for (std::size_t i = 0; i < broadcasts.batches.size(); ++i) {
      const ScannedBatch& batch = broadcasts.batches[i];
      timeline.begin();
      timeline.advance(counts, schedule.columns(row_batch, i), broadcasts.gaps.data() + batch.first_broadcast,
                       schedule.slice(row_batch, i));
      const bool last = assembly.ends_run(row_batch) && i + 1 == broadcasts.batches.size();
      assembly.add_compute_cycles(timeline.finish(batch.end_gap, last));
    }
  }
  assembly.add(timeline);
  assembly.add_row_reads(row_reads);
  return assembly.finish(schedule.sums());
}

namespace {

SinglePass::Phase phase_of(const Broadcasts& broadcasts, const ScannedBatch& batch, std::int64_t to_cells) {
  const std::uint32_t* const columns = broadcasts.columns.data() + batch.first_broadcast;
  const std::size_t size = batch.end_broadcast - batch.first_broadcast;
  return {broadcasts.gaps.data() + batch.first_broadcast,
          {batch.first_column, batch.end_column, columns, size},
          to_cells};
}

/// The run in a single pass, where that works.
std::optional<RunResult> pass_once(const Parameters& parameters, const ColumnCounts& counts,
                                   const LayerShape& shape, const std::vector<std::int32_t>& activations) {
  if (!SinglePass::serves(parameters, counts)) {
    return std::nullopt;
  }
  check_match(parameters, shape, counts);
  const Broadcasts broadcasts = scan(parameters, shape, activations);
  RunAssembly assembly(parameters, shape, broadcasts);
  PhaseTimeline timeline(parameters, counts.lanes());
  SinglePass pass(parameters, counts);
  for (std::uint32_t row_batch = 0; row_batch < counts.row_batches(); ++row_batch) {
    for (const ScannedBatch& batch : broadcasts.batches) {
      const bool last = assembly.ends_run(row_batch) && &batch == &broadcasts.batches.back();
      timeline.begin();
      if (!timeline.advance(pass, phase_of(broadcasts, batch, std::int64_t{row_batch} * counts.columns()))) {
        return std::nullopt;
      }
      assembly.add_compute_cycles(timeline.finish(batch.end_gap, last));
    }
  }
  assembly.add(timeline);
  assembly.add_row_reads(pass.row_reads());
  return assembly.finish(pass.sums());
}

}  // namespace

RunResult simulate_timing(const Parameters& parameters, const ColumnCounts& counts, const LayerShape& shape,
                          const std::vector<std::int32_t>& activations) {
  if (std::optional<RunResult> result = pass_once(parameters, counts, shape, activations)) {
    return *std::move(result);
  }
  const Schedule schedule(parameters, shape, counts, activations);
  return simulate_timing(parameters, counts, schedule,
                         count_spmat_row_reads(counts, schedule, parameters.entries_per_spmat_row()));
}

}  // namespace lacuna::eie
