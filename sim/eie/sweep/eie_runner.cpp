#include "sim/eie/sweep/eie_runner.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/eie/engine.h"
#include "models/eie/memory_job.h"
#include "models/eie/timeline/row_reads.h"
#include "models/eie/timeline/timing.h"
#include "sim/eie/run/engine_factory.h"
#include "sim/eie/run/prepare_layer.h"
#include "sim/eie/run/run_layer.h"
#include "sim/eie/sweep/eie_metrics.h"

namespace lacuna {
namespace {

using eie::Parameters;

/// Stored entries of the fullest PE.
template <class Cells>
std::uint64_t most_entries(const Cells& cells, std::uint32_t lanes) {
  std::vector<std::uint64_t> sums(lanes);
  for (auto cell = cells.entries.begin(); cell != cells.entries.end();) {
    for (std::uint64_t& sum : sums) {
      sum += *cell++;
    }
  }
  return *std::max_element(sums.begin(), sums.end());
}

eie::ImageSize image_size(const eie::ColumnCounts& counts) {
  const std::uint64_t most =
      std::visit([&](const auto& cells) { return most_entries(cells, counts.lanes()); }, counts.counts());
  return {counts.columns(), counts.row_batches(), most};
}

/// Keeps absurd machines (say one register and one PE for a large layer) from exhausting memory.
void check_cells(const eie::Layer& layer, const eie::ImageGeometry& geometry) {
  constexpr std::uint64_t limit = std::uint64_t{1} << 30;
  const std::uint32_t lanes = eie::lane_count(geometry.pe_count);
  const std::uint64_t batch_rows = geometry.batch_rows(layer.matrix.rows);
  const std::uint64_t batches = (layer.matrix.rows + batch_rows - 1) / batch_rows;
  const std::uint64_t image_columns = layer.matrix.columns * batches;
  if (image_columns > limit / lanes) {
    throw CapacityError(
        {{}, 0, "layer " + layer.name + ": image"},
        fmt::format("needs {} columns ({} row batches) in each of {} lanes", image_columns, batches, lanes),
        fmt::format("at most {} in all", limit));
  }
}

bool all_rows_at_once(const Parameters& p, const eie::Layer& layer) {
  return p.register_file_entries == 0 ||
         std::uint64_t{p.register_file_entries} * p.pe_count >= layer.matrix.rows;
}

bool all_inputs_at_once(const Parameters& p, const eie::Layer& layer) {
  return p.register_file_entries == 0 ||
         std::uint64_t{p.register_file_entries} * p.pe_count >= layer.inputs();
}

eie::ImageGeometry geometry_of(const Parameters& p, const eie::Layer& layer) {
  eie::ImageGeometry geometry = eie::image_geometry(p);
  if (all_rows_at_once(p, layer)) {
    geometry.rows_per_batch = std::nullopt;
  }
  return geometry;
}

}  // namespace

namespace {

std::optional<MemoryRun> memory_run(const EiePoint& point) {
  if (!point.memory) {
    return std::nullopt;
  }
  return MemoryRun(*point.memory, eie::memory_machine(point.machine));
}

void add_job(const Parameters& machine, const MatrixRun& run,
             const std::vector<std::uint64_t>& stored_entries, std::uint32_t row_batches,
             std::vector<std::uint64_t> cycles, MemoryRun& memory) {
  memory.add(run.layer,
             eie::memory_job(machine, eie::LayerShape::of(run.ready.layer), run.ready.layer.codebook.size(),
                             row_batches, stored_entries, std::move(cycles)),
             run.inputs);
}

void add_memory(const std::optional<MemoryRun>& memory, std::vector<LayerCounts>& layers) {
  if (!memory) {
    return;
  }
  const std::vector<MemoryReport> reports = memory->finish(nullptr);
  for (std::size_t i = 0; i < reports.size(); ++i) {
    layers[i].memory = reports[i].times;
    layers[i].sums.cycles = reports[i].times.cycles();
  }
}

}  // namespace

SharingKey sharing_key(const EiePoint& point, const ValueKey& values) {
  const Parameters& p = point.machine;
  return {point.workload,           values, p.pe_count, p.relative_index_bits, p.register_file_entries,
          p.entries_per_spmat_row()};
}

std::uint64_t PointTiming::VectorSchedule::bytes() const {
  const eie::Broadcasts& broadcasts = schedule.broadcasts();
  std::uint64_t sum =
      1024 + (broadcasts.columns.size() + broadcasts.gaps.size()) * 4 + schedule.sums().entries.size() * 24;
  for (std::size_t row_batch = 0; row_batch < row_batches; ++row_batch) {
    for (std::size_t batch = 0; batch < broadcasts.batches.size(); ++batch) {
      const eie::SliceSchedule& slice = schedule.slice(row_batch, batch);
      sum += slice.meeting_starts.size() * 4 + slice.meeting_pes.size() * 2 + slice.finals.size() * 8;
    }
  }
  return sum;
}

struct PointTiming::Task {
  const Parameters& machine;
  const MatrixRun& run;
  eie::ImageGeometry geometry;
  CountsKey counts_key;
  DeliveryKey delivery_key;

  const eie::Layer& layer() const { return run.ready.layer; }
  const std::vector<std::vector<std::int32_t>>& vectors() const { return run.ready.activations; }
  ReadsKey reads_key() const { return {delivery_key, machine.entries_per_spmat_row()}; }
  TimesKey times_key() const {
    return {delivery_key,
            machine.queue_depth_entries,
            machine.pointer_prefetch,
            machine.arithmetic_bypass,
            machine.lnzd_latency_cycles,
            machine.activation_sram_width_bits};
  }
  /// Of more vectors each schedule would be dropped before the next point comes.
  bool keeps_schedules() const {
    constexpr std::size_t most_vectors = 64;
    return vectors().size() <= most_vectors;
  }
};

/// Counts are by far the largest.
PointTiming::PointTiming(const PreparedWorkloads& workloads, std::uint64_t budget_bytes)
    : workloads_(workloads),
      counts_(budget_bytes / 2),
      schedules_(budget_bytes / 4),
      sizes_(budget_bytes / 32),
      reads_(budget_bytes / 32),
      times_(budget_bytes / 8) {}

std::vector<LayerCounts> PointTiming::run(const EiePoint& point) const {
  eie::check_parameters(point.machine);
  const auto prepared = workloads_.prepared(point);
  std::vector<Task> tasks;
  tasks.reserve(prepared->runs.size());
  for (std::size_t run = 0; run < prepared->runs.size(); ++run) {
    tasks.push_back(task(point, *prepared, run));
  }
  // First what nobody else is at, so that threads with like points do not wait for each other.
  for (const Task& each : tasks) {
    sizes_.prepare(each.counts_key, [&] { return make_sizes(each); });
  }
  for (const Task& each : tasks) {
    check_fits(each);
  }
  for (const Task& each : tasks) {
    times_.prepare(each.times_key(), [&] { return make_times(each); });
    reads_.prepare(each.reads_key(), [&] { return make_reads(each); });
  }
  std::vector<LayerCounts> layers = empty_counts(*prepared);
  std::optional<MemoryRun> memory = memory_run(point);
  for (const Task& each : tasks) {
    add(each, layers[each.run.layer], memory);
  }
  add_memory(memory, layers);
  for (std::size_t layer = 0; layer < prepared->values.size(); ++layer) {
    layers[layer].sums.pe_events[eie::PeEvent::accumulator_saturations] = prepared->values[layer].saturations;
  }
  return layers;
}

PointTiming::Task PointTiming::task(const EiePoint& point, const PreparedWorkload& prepared,
                                    std::size_t run) const {
  const Parameters& p = point.machine;
  const MatrixRun& matrix_run = prepared.runs[run];
  const eie::Layer& layer = matrix_run.ready.layer;
  const ValueKey values = workloads_.value_key(point);
  OrderKey order_key;
  if (matrix_run.row_order != nullptr) {
    order_key = {true, point.workload, run, values, p.register_file_entries};
  }
  const eie::ImageGeometry geometry = geometry_of(p, layer);
  const CountsKey counts_key{matrix_run.key, p.pe_count, p.relative_index_bits, geometry.rows_per_batch,
                             order_key};
  std::optional<std::uint32_t> batch_entries;
  if (!all_rows_at_once(p, layer) || !all_inputs_at_once(p, layer)) {
    batch_entries = p.register_file_entries;
  }
  return {p, matrix_run, geometry, counts_key, {counts_key, point.workload, run, values, batch_entries}};
}

std::shared_ptr<const PointTiming::Counts> PointTiming::counts(const Task& task) const {
  return counts_.get(task.counts_key, [&] { return make_counts(task); });
}

PointTiming::Counts PointTiming::make_counts(const Task& task) {
  const MatrixRun& run = task.run;
  check_cells(task.layer(), task.geometry);
  RowOrder order;
  if (run.row_order != nullptr) {
    order = configured_row_order(*run.row_order, *run.matrix, task.vectors(), task.machine);
  }
  return {order.empty() ? eie::ColumnCounts::of(*run.matrix, task.geometry)
                        : eie::ColumnCounts::of(reordered(*run.matrix, order), task.geometry)};
}

PointTiming::Sizes PointTiming::make_sizes(const Task& task) const {
  const auto counted = counts(task);
  return {image_size(counted->counts), counted->counts.stored_entries(), counted->counts.padding_entries()};
}

std::shared_ptr<const PointTiming::VectorSchedule> PointTiming::schedule(const Task& task,
                                                                         const Counts& counted,
                                                                         std::size_t vector) const {
  return schedules_.get({task.delivery_key, vector}, [&] {
    return VectorSchedule{eie::Schedule(task.machine, eie::LayerShape::of(task.layer()), counted.counts,
                                        task.vectors()[vector]),
                          counted.counts.row_batches()};
  });
}

PointTiming::Times PointTiming::make_times(const Task& task) const {
  const auto counted = counts(task);
  const eie::LayerShape shape = eie::LayerShape::of(task.layer());
  const std::vector<std::uint64_t> no_reads(counted->counts.lanes());  // they are counted by themselves
  Times times;
  for (std::size_t vector = 0; vector < task.vectors().size(); ++vector) {
    const eie::RunResult result =
        task.keeps_schedules()
            ? eie::simulate_timing(task.machine, counted->counts, schedule(task, *counted, vector)->schedule,
                                   no_reads)
            : eie::simulate_timing(task.machine, counted->counts, shape, task.vectors()[vector]);
    times.cycles.push_back(result.cycles);
    times.counts.add(result);
  }
  return times;
}

PointTiming::Reads PointTiming::make_reads(const Task& task) const {
  const auto counted = counts(task);
  const eie::LayerShape shape = eie::LayerShape::of(task.layer());
  const std::uint32_t per_row = task.machine.entries_per_spmat_row();
  Reads reads;
  for (std::size_t vector = 0; vector < task.vectors().size(); ++vector) {
    const std::vector<std::uint64_t> of_vector =
        task.keeps_schedules()
            ? eie::count_spmat_row_reads(counted->counts, schedule(task, *counted, vector)->schedule, per_row)
            : eie::count_spmat_row_reads(counted->counts,
                                         eie::scan(task.machine, shape, task.vectors()[vector]), per_row);
    reads.rows.add(of_vector, task.machine.pe_count);
  }
  return reads;
}

void PointTiming::check_fits(const Task& task) const {
  const auto sizes = sizes_.get(task.counts_key, [&] { return make_sizes(task); });
  try {
    eie::check_capacity(task.machine, task.layer(), sizes->image);
  } catch (const CapacityError& error) {
    if (task.run.row_order == nullptr) {
      throw;
    }
    eie::check_capacity(task.machine, task.layer(),
                        image_size(eie::ColumnCounts::of(*task.run.matrix, task.geometry)));
    throw CapacityError({}, fmt::format("in this row_order {}", error.what()), "row_order: natural fits");
  }
}

void PointTiming::add(const Task& task, LayerCounts& layer, std::optional<MemoryRun>& memory) const {
  const auto sizes = sizes_.get(task.counts_key, [&] { return make_sizes(task); });
  const auto times = times_.get(task.times_key(), [&] { return make_times(task); });
  const auto reads = reads_.get(task.reads_key(), [&] { return make_reads(task); });
  layer.stored_entries += sizes->stored_entries;
  layer.padding_entries += sizes->padding_entries;
  layer.true_nonzeros += task.run.matrix->nonzeros();
  layer.add(times->counts.with(reads->rows));
  if (memory) {
    add_job(task.machine, task.run, counts(task)->counts.pe_entries(), sizes->image.row_batches,
            times->cycles, *memory);
  }
}

namespace {

std::vector<bool> wanted_workloads(const EieSpace& space, const std::vector<SweepPoint>& points) {
  std::vector<bool> wanted(space.workloads().list.size());
  for (const SweepPoint& point : points) {
    wanted[space.workload_of(point.choices)] = true;
  }
  return wanted;
}

/// Points that share column counts stay together, so that each thread makes those of its own group; large
/// groups are cut so that every thread gets a part. A network is work enough for all of them: their threads
/// divide the matrices.
constexpr std::size_t largest_group = 32;
constexpr std::size_t largest_network_group = 1;

bool same_counts(SharingKey a, SharingKey b) {
  std::get<5>(a) = std::get<5>(b);  // row reads are cheap
  return a == b;
}

class TimelineRunner : public PointRunner {
 public:
  TimelineRunner(const EieSpace& space, const std::vector<bool>& wanted,
                 const SweepSurroundings& surroundings)
      : workloads_(space.workloads(), wanted, surroundings, MatrixEntries::shared),
        points_(space, workloads_) {}

  PointOutcome run(const SweepPoint& point) const override { return points_.run(point); }
  std::vector<std::vector<std::uint64_t>> groups(const std::vector<SweepPoint>& points) const override {
    return points_.groups(points);
  }

 private:
  const PreparedWorkloads workloads_;
  const TimelinePoints points_;
};

class ClockedRunner : public PointRunner {
 public:
  ClockedRunner(const EieSpace& space, const std::vector<bool>& wanted, EngineKind engine,
                const SweepSurroundings& surroundings)
      : space_(space),
        engine_(engine),
        options_(surroundings.engine),
        workloads_(space.workloads(), wanted, surroundings, MatrixEntries::held) {}

  PointOutcome run(const SweepPoint& point) const override { return task(point)(); }

  std::function<PointOutcome()> task(const SweepPoint& point) const override {
    const EiePoint machine = space_.point(point.choices);
    eie::check_parameters(machine.machine);
    auto workload = workloads_.prepared(machine);
    return [this, machine, workload = std::move(workload)]() -> PointOutcome {
      try {
        return {{}, encode_counts(run_layers(machine, *workload))};
      } catch (const ConfigurationError& error) {
        return {error.what(), {}};
      }
    };
  }

 private:
  std::vector<LayerCounts> run_layers(const EiePoint& point, const PreparedWorkload& workload) const {
    const auto engine = make_engine(engine_, point.machine, options_);
    std::vector<LayerCounts> layers = empty_counts(workload);
    std::optional<MemoryRun> memory = memory_run(point);
    for (const MatrixRun& run : workload.runs) {
      add_run(*engine, point.machine, run, layers[run.layer], memory);
    }
    add_memory(memory, layers);
    return layers;
  }

  void add_run(eie::Engine& engine, const eie::Parameters& machine, const MatrixRun& run, LayerCounts& layer,
               std::optional<MemoryRun>& memory) const {
    QuantisedLayer ready = run.ready;
    RowOrder order;
    if (run.row_order != nullptr) {
      order = configured_row_order(*run.row_order, ready.layer.matrix, ready.activations, machine);
    }
    if (!order.empty()) {
      ready.layer.matrix = reordered(ready.layer.matrix, order);
    }
    const eie::MemoryImage image =
        fitting_image(machine, ready.layer, order.empty() ? nullptr : run.matrix.get());
    layer.stored_entries += image.stored_entries;
    layer.padding_entries += image.padding_entries;
    layer.true_nonzeros += ready.layer.matrix.nonzeros();
    const eie::Outputs outputs = space_.has_values() ? eie::Outputs::wanted : eie::Outputs::skipped;
    RunCounts counts;
    std::vector<std::uint64_t> cycles;
    for (const auto& activations : ready.activations) {
      const eie::RunResult result = engine.run(ready.layer, image, activations, outputs);
      cycles.push_back(result.cycles);
      counts.add(result);
    }
    layer.add(counts);
    if (memory) {
      add_job(machine, run, image.pe_entries(), image.row_batches, std::move(cycles), *memory);
    }
  }

  const EieSpace& space_;
  const EngineKind engine_;
  const EngineOptions options_;
  const PreparedWorkloads workloads_;
};

}  // namespace

PointOutcome TimelinePoints::run(const SweepPoint& point) const {
  try {
    return {{}, encode_counts(timing_.run(space_.point(point.choices)))};
  } catch (const ConfigurationError& error) {
    return {error.what(), {}};
  }
}

std::vector<std::vector<std::uint64_t>> TimelinePoints::groups(const std::vector<SweepPoint>& points) const {
  std::vector<std::pair<SharingKey, std::uint64_t>> keyed;
  keyed.reserve(points.size());
  for (const SweepPoint& point : points) {
    const EiePoint machine = space_.point(point.choices);
    keyed.emplace_back(sharing_key(machine, workloads_.value_key(machine)), point.number);
  }
  std::sort(keyed.begin(), keyed.end());
  std::vector<std::vector<std::uint64_t>> groups;
  for (std::size_t i = 0; i < keyed.size(); ++i) {
    const bool is_network = space_.workloads().list[std::get<0>(keyed[i].first)].network != nullptr;
    const std::size_t largest = is_network ? largest_network_group : largest_group;
    if (groups.empty() || groups.back().size() >= largest ||
        !same_counts(keyed[i - 1].first, keyed[i].first)) {
      groups.emplace_back();
    }
    groups.back().push_back(keyed[i].second);
  }
  return groups;
}

std::unique_ptr<PointRunner> make_eie_runner(const EieSpace& space, const std::vector<SweepPoint>& points,
                                             EngineKind engine, const SweepSurroundings& surroundings) {
  const std::vector<bool> wanted = wanted_workloads(space, points);
  if (engine == EngineKind::timeline) {
    return std::make_unique<TimelineRunner>(space, wanted, surroundings);
  }
  return std::make_unique<ClockedRunner>(space, wanted, engine, surroundings);
}

}  // namespace lacuna
