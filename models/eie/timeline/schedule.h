#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/eie/capacity.h"
#include "models/eie/layer.h"
#include "models/eie/parameters.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/slice_schedule.h"

namespace lacuna::eie {

/// The broadcasts of one column batch, and the columns that it covers.
struct ScannedBatch {
  std::size_t first_broadcast = 0;
  std::size_t end_broadcast = 0;
  std::uint32_t first_column = 0;
  std::uint32_t end_column = 0;  ///< bias included
  std::uint32_t source_rows = 0;
  bool bias_row = false;
  /// Cycles from the last broadcast (or, without one, from the first row load) to the first with scan_done =
  /// 1, if nothing blocks: C - s.
  std::uint32_t end_gap = 0;
  std::uint64_t scan_cycles = 0;  ///< cycles of scanning, if nothing blocks

  std::uint32_t scan_rows() const { return source_rows + (bias_row ? 1U : 0U); }
};

/// What the central control finds in an activation vector (contract, section 5): the same for each row batch,
/// and whatever the machine behind it does.
struct Broadcasts {
  std::vector<std::uint32_t> columns;
  /// Cycles from the previous broadcast of the batch (for its first: from the first row load) to the one in
  /// which this activation is found: found[k] - s[k-1].
  std::vector<std::uint32_t> gaps;
  std::vector<ScannedBatch> batches;
  std::uint32_t pe_count = 1;
};

/// Scans `activations` (`shape.inputs` raw values). Uses pe_count, register_file_entries and
/// nonzero_detection.
Broadcasts scan(const Parameters& parameters, const LayerShape& shape,
                const std::vector<std::int32_t>& activations);

/// Throws ConfigurationError unless `counts` were made for the PE count, index width and row batches of
/// `parameters` and a layer of this shape.
void check_match(const Parameters& parameters, const LayerShape& shape, const ColumnCounts& counts);

/// All that a machine's timing needs of one layer and one activation vector and that does not depend on queue
/// depth, memory widths, prefetch, bypass and latencies: machines that differ only in those may share it,
/// across threads too.
class Schedule {
 public:
  /// `counts` must be made for the PE count, index width and row batches of `parameters`; only these, the
  /// column batches and nonzero_detection matter here. Throws ConfigurationError when counts, shape and
  /// activations disagree.
  Schedule(const Parameters& parameters, const LayerShape& shape, const ColumnCounts& counts,
           const std::vector<std::int32_t>& activations);

  const LayerShape& shape() const { return shape_; }
  const Broadcasts& broadcasts() const { return broadcasts_; }
  const EntrySums& sums() const { return sums_; }
  const SliceSchedule& slice(std::size_t row_batch, std::size_t column_batch) const {
    return slices_[row_batch * broadcasts_.batches.size() + column_batch];
  }
  SliceColumns columns(std::size_t row_batch, std::size_t column_batch) const;

 private:
  LayerShape shape_;
  Broadcasts broadcasts_;
  std::uint32_t columns_ = 0;
  EntrySums sums_;
  std::vector<SliceSchedule> slices_;
};

}  // namespace lacuna::eie
