#pragma once

#include <cstdint>
#include <vector>

#include "models/eie/capacity.h"
#include "models/eie/engine.h"
#include "models/eie/timeline/phase_timeline.h"
#include "models/eie/timeline/schedule.h"

namespace lacuna::eie {

/// Puts a run's result together: what its compute phases did, and what loads, stores and counts of broadcasts
/// follow from the batches alone.
class RunAssembly {
 public:
  RunAssembly(const Parameters& parameters, const LayerShape& shape, const Broadcasts& broadcasts);

  /// Of the compute phase of a row batch and a column batch.
  PhaseEnd phase_end(std::size_t row_batch, std::size_t column_batch) const {
    const bool is_last = row_batch + 1 == row_batches() && column_batch + 1 == broadcasts_.batches.size();
    return is_last && !plan_.stores() ? PhaseEnd::end_of_run : PhaseEnd::drained;
  }

  std::size_t row_batches() const { return plan_.row_batch_outputs.size(); }

  void add_compute_cycles(std::uint64_t cycles) { compute_cycles_ += cycles; }
  /// All phases that `timeline` went through.
  void add(const PhaseTimeline& timeline);
  void add_row_reads(const std::vector<std::uint64_t>& reads);

  /// The result, given the sums over all broadcasts.
  RunResult finish(const EntrySums& sums);

 private:
  void set_batch_events();
  void set_pe(std::size_t pe, const EntrySums& sums);
  void set_control();

  const Parameters& parameters_;
  LayerShape shape_;
  const Broadcasts& broadcasts_;
  BatchPlan plan_;
  std::uint64_t row_batches_;
  std::uint64_t compute_cycles_ = 0;
  std::uint64_t blocked_cycles_ = 0;
  PeResult batches_;  ///< classes and events of loads and stores, the same in each PE
  RunResult result_;
};

}  // namespace lacuna::eie
