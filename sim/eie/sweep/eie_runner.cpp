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
             run.takes_results ? MemoryRun::Inputs::results_before : MemoryRun::Inputs::of_their_own);
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

/// Counts are by far the largest.
PointTiming::PointTiming(const PreparedWorkloads& workloads, std::uint64_t budget_bytes)
    : workloads_(workloads),
      counts_(budget_bytes / 2),
      schedules_(budget_bytes / 8 * 3),
      reads_(budget_bytes / 8) {}

std::vector<LayerCounts> PointTiming::run(const EiePoint& point) const {
  eie::check_parameters(point.machine);
  const auto prepared = workloads_.prepared(point);
  std::vector<LayerCounts> layers = empty_counts(*prepared);
  std::optional<MemoryRun> memory = memory_run(point);
  for (std::size_t run = 0; run < prepared->runs.size(); ++run) {
    add_run(point, *prepared, run, layers[prepared->runs[run].layer], memory);
  }
  add_memory(memory, layers);
  for (std::size_t layer = 0; layer < prepared->values.size(); ++layer) {
    layers[layer].sums.pe_events[eie::PeEvent::accumulator_saturations] = prepared->values[layer].saturations;
  }
  return layers;
}

PointTiming::Counts PointTiming::count(const Parameters& machine, const MatrixRun& run,
                                       const eie::ImageGeometry& geometry) {
  check_cells(run.ready.layer, geometry);
  RowOrder order;
  if (run.row_order != nullptr) {
    order = configured_row_order(*run.row_order, *run.matrix, run.ready.activations, machine);
  }
  eie::ColumnCounts counts = order.empty() ? eie::ColumnCounts::of(*run.matrix, geometry)
                                           : eie::ColumnCounts::of(reordered(*run.matrix, order), geometry);
  const eie::ImageSize size = image_size(counts);
  return {std::move(counts), size};
}

void PointTiming::add_run(const EiePoint& point, const PreparedWorkload& prepared, std::size_t run,
                          LayerCounts& layer, std::optional<MemoryRun>& memory) const {
  const MatrixRun& matrix_run = prepared.runs[run];
  const QuantisedLayer& ready = matrix_run.ready;
  const Parameters& p = point.machine;
  const ValueKey values = workloads_.value_key(point);
  OrderKey order_key;
  if (matrix_run.row_order != nullptr) {
    order_key = {true, point.workload, run, values, p.register_file_entries};
  }
  const eie::ImageGeometry geometry = geometry_of(p, ready.layer);
  const CountsKey counts_key{matrix_run.key, p.pe_count, p.relative_index_bits, geometry.rows_per_batch,
                             order_key};
  const auto counted = counts_.get(counts_key, [&] { return count(p, matrix_run, geometry); });
  try {
    eie::check_capacity(p, ready.layer, counted->size);
  } catch (const CapacityError& error) {
    if (matrix_run.row_order == nullptr) {
      throw;
    }
    eie::check_capacity(p, ready.layer, image_size(eie::ColumnCounts::of(*matrix_run.matrix, geometry)));
    throw CapacityError({}, fmt::format("in this row_order {}", error.what()), "row_order: natural fits");
  }

  layer.stored_entries += counted->counts.stored_entries();
  layer.padding_entries += counted->counts.padding_entries();
  layer.true_nonzeros += matrix_run.matrix->nonzeros();
  std::optional<std::uint32_t> batch_entries;
  if (!all_rows_at_once(p, ready.layer) || !all_inputs_at_once(p, ready.layer)) {
    batch_entries = p.register_file_entries;
  }
  std::vector<std::uint64_t> cycles;
  for (std::size_t vector = 0; vector < ready.activations.size(); ++vector) {
    const ScheduleKey schedule_key{counts_key, point.workload, run, vector, values, batch_entries};
    const auto scheduled = schedules_.get(schedule_key, [&] {
      return VectorSchedule{
          eie::Schedule(p, eie::LayerShape::of(ready.layer), counted->counts, ready.activations[vector]),
          counted->counts.row_batches()};
    });
    const auto row_reads = reads_.get({schedule_key, p.entries_per_spmat_row()}, [&] {
      return RowReads{
          eie::count_spmat_row_reads(counted->counts, scheduled->schedule, p.entries_per_spmat_row())};
    });
    const eie::RunResult result =
        eie::simulate_timing(p, counted->counts, scheduled->schedule, row_reads->reads);
    cycles.push_back(result.cycles);
    layer.add(result);
  }
  if (memory) {
    add_job(p, matrix_run, counted->counts.pe_entries(), counted->size.row_batches, std::move(cycles),
            *memory);
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
/// groups are cut so that every thread gets a part.
constexpr std::size_t largest_group = 32;

bool same_counts(SharingKey a, SharingKey b) {
  std::get<5>(a) = std::get<5>(b);  // row reads are cheap
  return a == b;
}

class TimelineRunner : public PointRunner {
 public:
  TimelineRunner(const EieSpace& space, const std::vector<bool>& wanted, const std::string& references)
      : workloads_(space.workloads(), wanted, references, MatrixEntries::shared),
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
        workloads_(space.workloads(), wanted, surroundings.reference_folder, MatrixEntries::held) {}

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
    std::vector<std::uint64_t> cycles;
    for (const auto& activations : ready.activations) {
      const eie::RunResult result = engine.run(ready.layer, image, activations, outputs);
      cycles.push_back(result.cycles);
      layer.add(result);
    }
    if (!memory) {
      return;
    }
    std::vector<std::uint64_t> entries;
    for (std::size_t pe = 0; pe < machine.pe_count; ++pe) {
      entries.push_back(image.entries_of(pe));
    }
    add_job(machine, run, entries, image.row_batches, std::move(cycles), *memory);
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
    if (groups.empty() || groups.back().size() == largest_group ||
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
    return std::make_unique<TimelineRunner>(space, wanted, surroundings.reference_folder);
  }
  return std::make_unique<ClockedRunner>(space, wanted, engine, surroundings);
}

}  // namespace lacuna
