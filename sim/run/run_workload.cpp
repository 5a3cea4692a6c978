#include "sim/run/run_workload.h"

#include <memory>
#include <utility>
#include <vector>

#include "sim/run/chain.h"
#include "sim/run/engine_factory.h"
#include "sim/run/error_place.h"
#include "sim/run/layer_source.h"
#include "sim/run/report_assembly.h"
#include "sim/run/run_layer.h"

namespace lacuna {
namespace {

/// Runs a workload layer by layer; holds what passes from one to the next.
class WorkloadRun {
 public:
  WorkloadRun(const RunConfig& config, const RunOptions& options)
      : config_(config),
        options_(options),
        machine_(config.architecture.parameters),
        engine_(make_engine(config.engine, machine_, options.engine)) {
    report_.engine = engine_name(config.engine);
    table_ = load_energy(config_.energy, machine_, report_);
  }

  RunReport run() {
    for (std::size_t i = 0; i < config_.workload.layers.size(); ++i) {
      report_.layers.push_back(run_one(i));
    }
    sum_up(machine_, table_, report_);
    engine_->finish();
    return std::move(report_);
  }

 private:
  const LayerConfig& layer(std::size_t i) const { return config_.workload.layers[i]; }

  bool feeds_next(std::size_t i) const {
    return i + 1 < config_.workload.layers.size() &&
           layer(i + 1).activations == ActivationSource::from_previous;
  }

  LayerReport run_one(std::size_t i) {
    const bool chained = layer(i).activations == ActivationSource::from_previous;
    const SourcedTrace sourced = load_layer(layer(i), {options_.reference_folder, config_.seed});
    if (sourced.file) {
      add_input(*sourced.file, report_);
    }
    const QuantisedLayer ready =
        prepare_layer(layer(i), sourced.trace, chained ? &previous_ : nullptr, machine_);
    const bool want_outputs = config_.outputs || feeds_next(i);
    const eie::MemoryImage image =
        at_place(layer(i).place, [&] { return fitting_image(machine_, ready.layer); });
    LayerRun run = run_layer(*engine_, ready, image, want_outputs, progress_of(i, sourced.trace.name));
    LayerReport report = report_of(sourced, ready, run);
    hand_on(i, sourced.trace, ready, std::move(run), report);
    return report;
  }

  VectorProgress progress_of(std::size_t i, const std::string& name) const {
    if (!options_.progress) {
      return {};
    }
    return [this, i, name](std::size_t vector, std::size_t vectors) {
      options_.progress({i, config_.workload.layers.size(), name, vector, vectors});
    };
  }

  LayerReport report_of(const SourcedTrace& sourced, const QuantisedLayer& ready, const LayerRun& run) const {
    LayerReport report;
    report.name = sourced.trace.name;
    report.source = sourced.source;
    report.rows = ready.layer.outputs();
    report.columns = ready.layer.inputs();
    report.has_bias = ready.layer.has_bias;
    report.relu = ready.layer.relu;
    report.formats = ready.layer.formats;
    report.stored_entries = run.stored_entries;
    report.padding_entries = run.padding_entries;
    report.true_nonzeros = ready.layer.matrix.nonzeros();
    report.sums = run.sums;
    report.pes = run.pes;
    derive_measures(machine_, table_, report);
    return report;
  }

  /// Keeps the outputs for the next layer; classifies where a chain ends.
  void hand_on(std::size_t i, const Trace& trace, const QuantisedLayer& ready, LayerRun run,
               LayerReport& report) {
    const bool chained = layer(i).activations == ActivationSource::from_previous;
    std::vector<std::int32_t> labels = trace.labels.empty() && chained ? previous_.labels : trace.labels;
    if (config_.outputs) {
      report.outputs_checksum = outputs_checksum(run.outputs);
      if (!feeds_next(i) && !labels.empty()) {
        report.classification = classify(run.outputs, labels);
      }
    }
    previous_ = {std::move(run.outputs), ready.layer.formats.output, std::move(labels)};
  }

  const RunConfig& config_;
  const RunOptions& options_;
  const eie::Parameters machine_;
  std::unique_ptr<eie::Engine> engine_;
  std::optional<LoadedEnergyTable> table_;
  LayerOutputs previous_;
  RunReport report_;
};

}  // namespace

RunReport run_workload(const RunConfig& config, const RunOptions& options) {
  return WorkloadRun(config, options).run();
}

}  // namespace lacuna
