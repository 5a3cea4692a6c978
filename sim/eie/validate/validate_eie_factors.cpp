#include "sim/eie/validate/validate_eie_factors.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "models/eie/timeline/timing.h"
#include "sim/eie/config/load_config.h"
#include "sim/eie/energy/eie_costs.h"
#include "sim/eie/run/prepare_layer.h"
#include "sim/eie/validate/benchmark_runs.h"

namespace lacuna {
namespace {

using eie::ControlEvent;
using eie::PeEvent;

/// Columns without a zero.
class DenseColumns : public eie::ColumnSource {
 public:
  DenseColumns(std::uint32_t rows, std::uint32_t columns) : columns_(columns), rows_(rows) {
    std::iota(rows_.begin(), rows_.end(), 0U);
  }
  std::uint32_t rows() const override { return static_cast<std::uint32_t>(rows_.size()); }
  std::uint32_t columns() const override { return columns_; }
  eie::ColumnRows next() override { return {rows_.data(), rows_.size()}; }
  void rewind() override {}

 private:
  std::uint32_t columns_;
  std::vector<std::uint32_t> rows_;
};

Activity activity_of(const eie::RunResult& result) {
  Activity activity;
  for (const eie::PeResult& pe : result.pes) {
    activity.pe_events += pe.events;
  }
  activity.control_events = result.control;
  activity.cycles = result.cycles;
  return activity;
}

/// 1 for each activation that is not zero.
std::vector<std::int32_t> nonzero_activations(const Trace& trace) {
  std::vector<std::int32_t> raw;
  for (std::uint32_t i = 0; i < trace.inputs(); ++i) {
    raw.push_back(trace.activations.values[i] != 0.0F ? 1 : 0);
  }
  return raw;
}

/// The stages of one layer.
class Stages {
 public:
  Stages(const eie::Parameters& machine, const Costs& costs, double dram_pj)
      : machine_(machine), costs_(costs), dram_pj_(dram_pj) {}

  FactorLayer of(const PublishedBenchmark& benchmark, std::uint64_t seed) const {
    const Trace trace = generate_trace(generated_layer(benchmark, seed));
    const eie::LayerShape shape{trace.inputs(), trace.matrix.rows, trace.has_bias, trace.relu};
    const std::vector<std::int32_t> all(trace.inputs(), 1);
    FactorLayer layer{benchmark.layer, {}};
    const Activity dense = run_dense(shape, all);
    layer.stages.push_back(from_dram(dense, shape));
    layer.stages.push_back(stage(dense));
    eie::MatrixColumns columns(trace.matrix);
    const Activity sparse = activity_of(eie::simulate_timing(machine_, columns, shape, all));
    layer.stages.push_back(stage(without_sharing(sparse)));
    layer.stages.push_back(stage(sparse));
    columns.rewind();
    layer.stages.push_back(
        stage(activity_of(eie::simulate_timing(machine_, columns, shape, nonzero_activations(trace)))));
    return layer;
  }

 private:
  /// Two 32-bit weights in a 64-bit row, no indices, no pointers; the PE works an entry in a cycle as ever.
  Activity run_dense(const eie::LayerShape& shape, const std::vector<std::int32_t>& activations) const {
    eie::Parameters dense = machine_;
    dense.spmat_width_bits = machine_.spmat_width_bits / 2;
    dense.codebook_index_bits = 8;
    dense.relative_index_bits = 8;  // of 32 bits two entries make a row, as two weights of 32 bits do in 64
    DenseColumns columns(shape.outputs, shape.columns());
    Activity activity = activity_of(eie::simulate_timing(dense, columns, shape, activations));
    activity.pe_events[PeEvent::pointer_reads] = 0;
    activity.pe_events[PeEvent::codebook_reads] = 0;
    return activity;
  }

  /// A row of 64 bits holds one weight of 32 bits and its index: each entry is a read.
  static Activity without_sharing(Activity activity) {
    const std::uint64_t entries =
        activity.pe_events[PeEvent::spmat_row_reads] + activity.pe_events[PeEvent::spmat_row_reuses];
    activity.pe_events[PeEvent::spmat_row_reads] = entries;
    activity.pe_events[PeEvent::spmat_row_reuses] = 0;
    activity.pe_events[PeEvent::codebook_reads] = 0;
    return activity;
  }

  FactorStage stage(const Activity& activity) const {
    const double reads = static_cast<double>(activity.pe_events[PeEvent::spmat_row_reads]);
    return {static_cast<double>(activity.cycles), reads * costs_.memories.front().read_pj,
            energy_of(costs_, activity).total_pj()};
  }

  /// The dense machine with each weight read from DRAM in place of the memories.
  FactorStage from_dram(const Activity& dense, const eie::LayerShape& shape) const {
    const FactorStage on_chip = stage(dense);
    FactorStage off_chip = on_chip;
    off_chip.weight_pj = static_cast<double>(shape.outputs) * shape.columns() * dram_pj_;
    off_chip.machine_pj += off_chip.weight_pj - on_chip.weight_pj;
    return off_chip;
  }

  const eie::Parameters& machine_;
  const Costs& costs_;
  double dram_pj_;
};

double factor(const FactorLayer& layer, std::size_t step, double FactorStage::*quantity) {
  return layer.stages[step].*quantity / (layer.stages[step + 1].*quantity);
}

/// "10.2 (7.1 to 13)": geometric mean and range over the layers, from stage `first` to stage `last`.
std::string factor_text(const FactorValidation& validation, std::size_t first, std::size_t last,
                        double FactorStage::*quantity) {
  double logarithms = 0.0;
  double least = 0.0;
  double most = 0.0;
  for (const FactorLayer& layer : validation.layers) {
    const double value = layer.stages[first].*quantity / (layer.stages[last].*quantity);
    logarithms += std::log(value);
    least = least == 0.0 ? value : std::min(least, value);
    most = std::max(most, value);
  }
  return fmt::format("{:.3g} ({:.3g} to {:.3g})",
                     std::exp(logarithms / static_cast<double>(validation.layers.size())), least, most);
}

}  // namespace

bool FactorValidation::passed() const {
  return std::all_of(layers.begin(), layers.end(), [this](const FactorLayer& layer) {
    for (std::size_t step = 0; step < steps.size(); ++step) {
      if (factor(layer, step, &FactorStage::weight_pj) < 1.0) {
        return false;
      }
    }
    return true;
  });
}

FactorValidation validate_eie_factors(const EnergyValidationOptions& options) {
  const ValidationOptions& validation_options = options.validation;
  const std::string& reference = validation_options.reference_folder;
  const CsvTable operations(reference + "/energy_45nm.csv");
  const CsvTable steps(reference + "/eie_energy_factors.csv");
  const eie::Parameters machine =
      load_architecture(validation_options.architecture_folder + "/eie-64pe-45nm.yaml").parameters;
  const Technology technology = load_eie_technology(options.table, options.assignments);
  const Costs costs = eie_costs(technology, machine);
  FactorValidation validation;
  validation.table = technology.name();
  validation.dram_pj = operations.number(find_row(operations, "operation", "DRAM read"), "energy_pj");
  for (std::size_t row = 0; row < steps.rows(); ++row) {
    validation.steps.push_back({steps.text(row, "step"), steps.number(row, "factor")});
  }
  const Stages stages(machine, costs, validation.dram_pj);
  for (const PublishedBenchmark& benchmark : read_published_benchmarks(reference)) {
    validation.layers.push_back(stages.of(benchmark, validation_options.seed));
  }
  return validation;
}

std::string validation_text(const FactorValidation& validation) {
  std::string text = fmt::format(
      "EIE against a dense version of itself, one factor at a time: table {}, DRAM {} pJ for 32 bits, nine "
      "published layers (geometric mean, least to most)\n\n"
      "| step | published, energy | ours, energy of weight fetches | ours, energy of the machine | ours, "
      "time "
      "|\n|---|---:|---:|---:|---:|\n",
      validation.table, validation.dram_pj);
  const auto line = [&](const std::string& name, double published, std::size_t first, std::size_t last) {
    text += fmt::format("| {} | {:.0f} | {} | {} | {} |\n", name, published,
                        factor_text(validation, first, last, &FactorStage::weight_pj),
                        factor_text(validation, first, last, &FactorStage::machine_pj),
                        factor_text(validation, first, last, &FactorStage::cycles));
  };
  double product = 1.0;
  for (std::size_t step = 0; step < validation.steps.size(); ++step) {
    line(validation.steps[step].step, validation.steps[step].published, step, step + 1);
    product *= validation.steps[step].published;
  }
  line("all together", product, 0, validation.steps.size());
  text += "\n| layer | weight energy nJ: dense, DRAM";
  for (const FactorStep& step : validation.steps) {
    text += " | " + step.step;
  }
  text += " |\n|---";
  for (std::size_t stage = 0; stage <= validation.steps.size(); ++stage) {
    text += "|---:";
  }
  text += "|\n";
  for (const FactorLayer& layer : validation.layers) {
    text += "| " + layer.layer;
    for (const FactorStage& stage : layer.stages) {
      text += fmt::format(" | {:.4g}", stage.weight_pj / 1000.0);
    }
    text += " |\n";
  }
  return text + "\n";
}

}  // namespace lacuna
