#include "sim/eie/run/timeline_layer.h"

#include <algorithm>
#include <utility>

#include "models/eie/capacity.h"
#include "models/eie/timeline/column_counts.h"
#include "models/eie/timeline/timing.h"
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
  // For one vector alone they save but some of the generating.
  constexpr double most_for_one = 64 << 20;
  const double quarter = static_cast<double>(budget_bytes) / 4;
  return cells * bytes_per_cell <= (layer.vectors > 1 ? quarter : std::min(quarter, most_for_one));
}

}  // namespace

StreamedLayer::StreamedLayer(const GeneratedLayer& generated, const eie::Parameters& machine,
                             std::uint64_t budget_bytes, VectorProgress progress)
    : generated_(generated),
      machine_(machine),
      budget_bytes_(budget_bytes),
      progress_(std::move(progress)),
      vectors_(generated.vectors),
      entries_(generated, [this] { at(0); }) {
  if (keeps_counts(generated, machine, budget_bytes)) {
    counts_.emplace(eie::image_geometry(machine), generated.rows, generated.columns());
  }
}

void StreamedLayer::at(std::size_t vector) const {
  if (progress_) {
    progress_(vector, vectors_);
  }
}

CodedColumn StreamedLayer::read(std::uint32_t column) {
  // A bias column is the last, but asked for before the others.
  const bool is_counted = counts_ && column >= next_ && column < generated_.inputs;
  if (is_counted) {
    count_before(column);
  }
  const CodedColumn read = entries_.read(column);
  if (is_counted) {
    counts_->add({read.rows, read.size});
    ++next_;
  }
  return read;
}

void StreamedLayer::count_before(std::uint32_t column) {
  for (; next_ < column; ++next_) {
    counts_->add(entries_.read_rows(next_));
  }
}

LayerRun StreamedLayer::run(const QuantisedLayer& layer) {
  vectors_ = layer.activations.size();
  at(0);
  return counts_ ? run_counted(layer) : run_uncounted(layer);
}

LayerRun StreamedLayer::run_counted(const QuantisedLayer& layer) {
  count_before(generated_.columns());
  const eie::ColumnCounts counts = counts_->finish_layer();
  LayerRun run;
  set_image(machine_, generated_, layer.layer,
            {counts.pe_entries(), counts.stored_entries(), counts.padding_entries()}, run);
  for (std::size_t vector = 0; vector < layer.activations.size(); ++vector) {
    at(vector);
    add_result(
        eie::simulate_timing(machine_, counts, eie::LayerShape::of(layer.layer), layer.activations[vector]),
        run);
  }
  return run;
}

LayerRun StreamedLayer::run_uncounted(const QuantisedLayer& layer) const {
  LayerRun run;
  for (std::size_t vector = 0; vector < layer.activations.size(); ++vector) {
    const auto pulse = [&] { at(vector); };
    pulse();
    GeneratedColumns source(generated_, pulse);
    eie::StreamedImage image;
    eie::RunResult result =
        eie::simulate_timing(machine_, source, eie::LayerShape::of(layer.layer), layer.activations[vector],
                             held_cells(budget_bytes_), &image);
    if (vector == 0) {
      set_image(machine_, generated_, layer.layer, image, run);
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
