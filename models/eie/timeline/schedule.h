#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/eie/timeline/broadcasts.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/entry_sums.h"
#include "models/eie/timeline/slice_schedule.h"

namespace lacuna::eie {

/// Makes a slice's schedule and adds its columns to `sums`. `carry` comes from the slice before in the same
/// phase and is made ready for the next.
SliceSchedule schedule_slice(const ColumnCounts& counts, const SliceColumns& slice, EntrySums& sums,
                             CarriedLast& carry);

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
