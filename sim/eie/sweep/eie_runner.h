#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <tuple>
#include <vector>

#include "models/eie/capacity.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/schedule.h"
#include "sim/eie/sweep/eie_metrics.h"
#include "sim/eie/sweep/eie_space.h"
#include "sim/eie/sweep/prepared_workloads.h"
#include "sim/family/shared_cache.h"
#include "sim/memory/memory_run.h"

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
  /// Workload, matrix run, values and register file entries of one whose rows are reordered; else all zero.
  using OrderKey = std::tuple<bool, std::size_t, std::size_t, ValueKey, std::uint32_t>;
  /// Matrix, PEs, index width, rows per batch (none when all are in one), order of the rows.
  using CountsKey =
      std::tuple<MatrixKey, std::uint32_t, std::uint32_t, std::optional<std::uint32_t>, OrderKey>;
  /// Counts, workload, matrix run, vector, values, register file entries (none when nothing is batched).
  using ScheduleKey =
      std::tuple<CountsKey, std::size_t, std::size_t, std::size_t, ValueKey, std::optional<std::uint32_t>>;
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

  /// Adds a matrix with its vectors to its layer.
  void add_run(const EiePoint& point, const PreparedWorkload& prepared, std::size_t run, LayerCounts& layer,
               std::optional<MemoryRun>& memory) const;
  static Counts count(const eie::Parameters& machine, const MatrixRun& run,
                      const eie::ImageGeometry& geometry);

  const PreparedWorkloads& workloads_;
  mutable SharedCache<CountsKey, Counts> counts_;
  mutable SharedCache<ScheduleKey, VectorSchedule> schedules_;
  mutable SharedCache<ReadsKey, RowReads> reads_;
};

/// What of a point decides which of these it can share with others: points that are equal in the first five
/// share everything but row reads. Running points in the order of this key keeps little in memory.
using SharingKey =
    std::tuple<std::size_t, ValueKey, std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>;

SharingKey sharing_key(const EiePoint& point, const ValueKey& values);

/// Points on the timeline engine, with what they share beyond their workloads.
class TimelinePoints : public PointRunner {
 public:
  TimelinePoints(const EieSpace& space, const PreparedWorkloads& workloads)
      : space_(space), workloads_(workloads), timing_(workloads) {}

  PointOutcome run(const SweepPoint& point) const override;
  std::vector<std::vector<std::uint64_t>> groups(const std::vector<SweepPoint>& points) const override;

 private:
  const EieSpace& space_;
  const PreparedWorkloads& workloads_;
  const PointTiming timing_;
};

/// The timeline engine with all that its points can share, or a clocked engine. Loads the workloads of
/// `points`.
std::unique_ptr<PointRunner> make_eie_runner(const EieSpace& space, const std::vector<SweepPoint>& points,
                                             EngineKind engine, const SweepSurroundings& surroundings);

}  // namespace lacuna
