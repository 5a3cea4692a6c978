#include "models/eie/timeline/timing.h"

#include "models/eie/timeline/phase_timeline.h"
#include "models/eie/timeline/row_reads.h"
#include "models/eie/timeline/run_assembly.h"

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

RunResult simulate_timing(const Parameters& parameters, const ColumnCounts& counts, const LayerShape& shape,
                          const std::vector<std::int32_t>& activations) {
  const Schedule schedule(parameters, shape, counts, activations);
  return simulate_timing(parameters, counts, schedule,
                         count_spmat_row_reads(counts, schedule, parameters.entries_per_spmat_row()));
}

}  // namespace lacuna::eie
