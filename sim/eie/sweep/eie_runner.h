#pragma once

#include <cstddef>
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

/// Runs design points on the timeline engine. What a matrix with all its vectors does is kept for the points
/// that differ only in what it does not depend on: times, which know nothing of the width of sparse-matrix
/// rows, and row reads, which know of nothing else. Behind them column counts are kept, and the schedules of
/// few vectors. `run` may be called from several threads, which divide a point's matrices among them.
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
  /// Counts, workload, matrix run, values, register file entries (none when nothing is batched): what decides
  /// which entries are delivered, and in what order.
  using DeliveryKey = std::tuple<CountsKey, std::size_t, std::size_t, ValueKey, std::optional<std::uint32_t>>;
  using ScheduleKey = std::pair<DeliveryKey, std::size_t>;  ///< and the vector
  using ReadsKey = std::pair<DeliveryKey, std::uint32_t>;   ///< and the entries of a sparse-matrix row
  /// And queue depth, prefetch, bypass, latency of the LNZD tree, width of the activation SRAM.
  using TimesKey = std::tuple<DeliveryKey, std::uint32_t, bool, bool, std::uint32_t, std::uint32_t>;

  struct Counts {
    eie::ColumnCounts counts;
    std::uint64_t bytes() const { return counts.bytes(); }
  };
  struct Sizes {
    eie::ImageSize image;
    std::uint64_t stored_entries = 0;
    std::uint64_t padding_entries = 0;
    std::uint64_t bytes() const { return small_bytes; }
  };
  struct VectorSchedule {
    eie::Schedule schedule;
    std::uint32_t row_batches = 1;
    std::uint64_t bytes() const;
  };
  struct Reads {
    RowReads rows;
    std::uint64_t bytes() const { return small_bytes; }
  };
  struct Times {
    RunCounts counts;
    std::vector<std::uint64_t> cycles;  ///< of each vector
    std::uint64_t bytes() const { return small_bytes + cycles.size() * sizeof(cycles.front()); }
  };
  /// A value of a few words, or some hundred bytes, with its key and the cache's own.
  static constexpr std::uint64_t small_bytes = 1536;

  /// A matrix run on the machine of a point.
  struct Task;

  Task task(const EiePoint& point, const PreparedWorkload& prepared, std::size_t run) const;
  std::shared_ptr<const Counts> counts(const Task& task) const;
  static Counts make_counts(const Task& task);
  Sizes make_sizes(const Task& task) const;
  std::shared_ptr<const VectorSchedule> schedule(const Task& task, const Counts& counted,
                                                 std::size_t vector) const;
  Times make_times(const Task& task) const;
  Reads make_reads(const Task& task) const;
  void check_fits(const Task& task) const;
  /// Adds a matrix with its vectors to its layer.
  void add(const Task& task, LayerCounts& layer, std::optional<MemoryRun>& memory) const;

  const PreparedWorkloads& workloads_;
  mutable SharedCache<CountsKey, Counts> counts_;
  mutable SharedCache<ScheduleKey, VectorSchedule> schedules_;
  mutable SharedCache<CountsKey, Sizes> sizes_;
  mutable SharedCache<ReadsKey, Reads> reads_;
  mutable SharedCache<TimesKey, Times> times_;
};

/// What of a point decides which counts and schedules it can share with others: points that are equal in the
/// first five share all. Running points in the order of this key keeps little in memory.
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
