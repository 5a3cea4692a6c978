#pragma once

#include <cstdint>
#include <memory>
#include <tuple>
#include <vector>

#include "models/eie/capacity.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/schedule.h"
#include "sim/sweep/eie/eie_workload.h"
#include "sim/sweep/eie/point_counts.h"
#include "sim/sweep/eie/prepared_workloads.h"
#include "sim/sweep/space/shared_cache.h"

namespace lacuna {

/// Runs design points on the timeline engine. Column counts, schedules and row reads are shared between
/// points that differ only in what these do not depend on. `run` may be called from several threads.
class PointTiming {
 public:
  /// `budget_bytes` bounds what is kept for later points (not what running points hold).
  explicit PointTiming(const PreparedWorkloads& workloads, std::uint64_t budget_bytes = default_budget_bytes);

  /// Throws ConfigurationError for a machine that contradicts itself or that a layer does not fit.
  std::vector<LayerCounts> run(const EiePoint& point) const;

  static constexpr std::uint64_t default_budget_bytes = std::uint64_t{1} << 30;

 private:
  /// Workload, layer, widths and register file entries of a layer whose rows are reordered; else all zero.
  using OrderKey = std::tuple<bool, std::size_t, std::size_t, ValueKey, std::uint32_t>;
  /// Trace, PEs, index width, rows per batch (0 when all are in one), order of the rows.
  using CountsKey = std::tuple<std::size_t, std::uint32_t, std::uint32_t, std::uint64_t, OrderKey>;
  /// Counts, workload, layer, vector, widths, register file entries (0 when nothing is batched).
  using ScheduleKey = std::tuple<CountsKey, std::size_t, std::size_t, std::size_t, ValueKey, std::uint32_t>;
  using ReadsKey = std::pair<ScheduleKey, std::uint32_t>;  ///< schedule, entries of a sparse-matrix row

  struct Counts {
    eie::ColumnCounts counts;
    eie::ImageSize size;
    std::uint64_t bytes() const { return counts.bytes(); }
  };
  struct VectorSchedule {
    eie::Schedule schedule;
    std::uint32_t row_batches = 1;
    std::uint64_t bytes() const;
  };
  struct RowReads {
    std::vector<std::uint64_t> reads;
    std::uint64_t bytes() const { return reads.size() * sizeof(std::uint64_t) + 256; }
  };

  LayerCounts run_layer(const EiePoint& point, const PreparedWorkload& prepared, std::size_t layer) const;
  Counts count(const EiePoint& point, const QuantisedLayer& ready, std::size_t layer,
               const eie::ImageGeometry& geometry) const;

  const PreparedWorkloads& workloads_;
  mutable SharedCache<CountsKey, Counts> counts_;
  mutable SharedCache<ScheduleKey, VectorSchedule> schedules_;
  mutable SharedCache<ReadsKey, RowReads> reads_;
};

/// What of a point decides which of these it can share with others: points that are equal in the first five
/// share everything but row reads. Running points in the order of this key keeps little in memory.
using SharingKey =
    std::tuple<std::size_t, ValueKey, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>;

SharingKey sharing_key(const EiePoint& point);

}  // namespace lacuna
