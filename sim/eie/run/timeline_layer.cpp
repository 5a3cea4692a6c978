#include "sim/eie/run/timeline_layer.h"

#include <algorithm>
#include <utility>

#include "models/eie/capacity.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/timing.h"
#include "sim/data/random/column_generator.h"
#include "sim/data/trace/quantise.h"
#include "sim/eie/run/engine_factory.h"
#include "sim/eie/run/run_layer.h"

namespace lacuna {
namespace {

std::uint64_t row_batches(const GeneratedLayer& layer, const eie::Parameters& machine) {
  const std::uint64_t held = std::uint64_t{machine.register_file_entries} * machine.pe_count;
  return held == 0 ? 1 : (layer.rows + held - 1) / held;
}

constexpr double bytes_per_cell = 4 + 4;  // pointers of an image, column counts

/// A cell of the stream takes up to eight bytes, and its block is counted once more while it grows.
std::size_t held_cells(std::uint64_t budget_bytes) {
  constexpr std::uint64_t fewest = 4096;
  return static_cast<std::size_t>(
      std::clamp<std::uint64_t>(budget_bytes / 64, fewest, eie::default_stream_cells));
}

}  // namespace

LayerFootprint footprint_of(const GeneratedLayer& layer, const eie::Parameters& machine) {
  constexpr double bytes_per_nonzero = 5 + 2;             // trace, image
  constexpr double bytes_per_lane = 128;                  // of a row batch's timeline and row reads
  constexpr double bytes_per_column = 8 + 8 + 8 + 4 + 4;  // starts, three times, and broadcasts
  const double batches = static_cast<double>(row_batches(layer, machine));
  const double columns = layer.columns();
  const double lanes = eie::lane_count(machine.pe_count);
  const double vectors = static_cast<double>(layer.vectors) * layer.inputs * (4 + 4);
  const double nonzeros = layer.weight_density * layer.rows * columns;
  LayerFootprint footprint;
  footprint.held = nonzeros * bytes_per_nonzero + columns * bytes_per_column +
                   columns * batches * lanes * bytes_per_cell + vectors + 24.0 * layer.rows;
  footprint.streamed = columns * 8 + vectors + layer.weight_density * layer.rows * 5 + 8.0 * layer.rows +
                       batches * (lanes * bytes_per_lane + machine.queue_depth_entries * 8.0);
  return footprint;
}

namespace {

/// Takes what the machine's memories would hold, once it is known to fit.
void set_image(const eie::Parameters& machine, const GeneratedLayer& generated, const eie::Layer& layer,
               const eie::StreamedImage& image, LayerRun& run) {
  const std::uint64_t fullest = *std::max_element(image.pe_entries.begin(), image.pe_entries.end());
  const auto batches = static_cast<std::uint32_t>(row_batches(generated, machine));
  eie::check_capacity(machine, layer, eie::ImageSize{generated.columns(), batches, fullest});
  run.stored_entries = image.stored_entries;
  run.padding_entries = image.padding_entries;
  for (const std::uint64_t entries : image.pe_entries) {
    run.pes.push_back({{}, entries});
  }
}

bool keeps_counts(const GeneratedLayer& layer, const eie::Parameters& machine, std::uint64_t budget_bytes) {
  const double cells = static_cast<double>(layer.columns()) *
                       static_cast<double>(row_batches(layer, machine)) * eie::lane_count(machine.pe_count);
  return layer.vectors > 1 && cells * bytes_per_cell <= static_cast<double>(budget_bytes) / 4;
}

LayerRun run_counted(const GeneratedLayer& generated, const eie::Parameters& machine,
                     const QuantisedLayer& layer, const VectorProgress& progress) {
  const std::size_t vectors = layer.activations.size();
  const auto at = [&](std::size_t vector) {
    if (progress) {
      progress(vector, vectors);
    }
  };
  at(0);
  GeneratedColumns source(generated, [&] { at(0); });
  const eie::ColumnCounts counts = eie::ColumnCounts::of(source, eie::image_geometry(machine));
  LayerRun run;
  set_image(machine, generated, layer.layer,
            {counts.pe_entries(), counts.stored_entries(), counts.padding_entries()}, run);
  for (std::size_t vector = 0; vector < vectors; ++vector) {
    at(vector);
    add_result(
        eie::simulate_timing(machine, counts, eie::LayerShape::of(layer.layer), layer.activations[vector]),
        run);
  }
  return run;
}

}  // namespace

LayerRun run_streamed_layer(const GeneratedLayer& generated, const eie::Parameters& machine,
                            const QuantisedLayer& layer, std::uint64_t budget_bytes,
                            const VectorProgress& progress) {
  if (keeps_counts(generated, machine, budget_bytes)) {
    return run_counted(generated, machine, layer, progress);
  }
  LayerRun run;
  const std::size_t vectors = layer.activations.size();
  for (std::size_t vector = 0; vector < vectors; ++vector) {
    const auto pulse = [&] {
      if (progress) {
        progress(vector, vectors);
      }
    };
    pulse();
    GeneratedColumns source(generated, pulse);
    eie::StreamedImage image;
    eie::RunResult result = eie::simulate_timing(machine, source, eie::LayerShape::of(layer.layer),
                                                 layer.activations[vector], held_cells(budget_bytes), &image);
    if (vector == 0) {
      set_image(machine, generated, layer.layer, image, run);
    }
    add_result(std::move(result), run);
  }
  return run;
}

namespace {

LayerCost measure_layer(const Trace& trace, const eie::Parameters& machine) {
  const QuantisedLayer layer = quantise_layer(trace, {}, eie::value_widths(machine));
  const auto engine = make_engine(EngineKind::timeline, machine);
  const eie::MemoryImage image = fitting_image(*engine, layer.layer);
  const LayerRun run = run_layer(*engine, layer, image, eie::Outputs::skipped, {});
  LayerCost cost;
  cost.cycles = run.sums.cycles;
  cost.theoretical_cycles = static_cast<double>(run.sums.entries) / machine.pe_count;
  cost.load_balance_efficiency = load_balance_efficiency(run.sums.cycle_classes);
  cost.stored_entries = image.stored_entries;
  cost.padding_entries = image.padding_entries;
  cost.least_pe_entries = image.stored_entries;
  for (const PeReport& pe : run.pes) {
    cost.least_pe_entries = std::min(cost.least_pe_entries, pe.stored_entries);
    cost.most_pe_entries = std::max(cost.most_pe_entries, pe.stored_entries);
  }
  return cost;
}

class EieLayerMachine : public LayerMachine {
 public:
  explicit EieLayerMachine(const eie::Parameters& machine) : machine_(machine) {}
  std::uint32_t pe_count() const override { return machine_.pe_count; }
  LayerCost measure(const Trace& trace) const override { return measure_layer(trace, machine_); }

 private:
  eie::Parameters machine_;
};

}  // namespace

std::unique_ptr<LayerMachine> make_layer_machine(const eie::Parameters& machine) {
  return std::make_unique<EieLayerMachine>(machine);
}

eie::Parameters roomy_machine(std::uint32_t pe_count, std::uint32_t relative_index_bits) {
  eie::Parameters machine;
  machine.pe_count = pe_count;
  machine.relative_index_bits = std::clamp(relative_index_bits, 2U, 8U);
  machine.codebook_index_bits = 8;
  machine.spmat_width_bits = 8 * (8 + machine.relative_index_bits);  // eight entries a row, as published
  machine.spmat_capacity_bytes = std::uint64_t{1} << 30;
  machine.pointer_width_bits = 32;
  machine.pointer_capacity_bytes = std::uint64_t{1} << 30;
  machine.activation_sram_bytes = std::uint64_t{1} << 30;
  return machine;
}

}  // namespace lacuna
