#include "sim/eie/sweep/eie_runner.h"

#include <algorithm>
#include <utility>

#include "models/common/error.h"
#include "models/eie/engine.h"
#include "sim/eie/run/engine_factory.h"
#include "sim/eie/run/row_order.h"
#include "sim/eie/run/run_layer.h"
#include "sim/eie/sweep/point_counts.h"

namespace lacuna {
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
      : workloads_(space.workloads(), wanted, references, false), points_(space, workloads_) {}

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
        workloads_(space.workloads(), wanted, surroundings.reference_folder, true) {}

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
    for (const MatrixRun& run : workload.runs) {
      add_run(*engine, point.machine, run, layers[run.layer]);
    }
    return layers;
  }

  void add_run(eie::Engine& engine, const eie::Parameters& machine, const MatrixRun& run,
               LayerCounts& layer) const {
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
    for (const auto& activations : ready.activations) {
      layer.add(engine.run(ready.layer, image, activations, space_.workloads().outputs));
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
