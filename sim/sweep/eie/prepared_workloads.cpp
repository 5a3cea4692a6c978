#include "sim/sweep/eie/prepared_workloads.h"

#include <map>
#include <optional>
#include <utility>

#include "models/eie/capacity.h"
#include "models/eie/image.h"
#include "models/eie/timeline/timeline_engine.h"
#include "sim/config/field_writer.h"
#include "sim/run/chain.h"
#include "sim/run/layer_source.h"
#include "sim/run/run_layer.h"

namespace lacuna {
namespace {

constexpr std::uint64_t cache_bytes = std::uint64_t{1} << 30;

/// What a layer's trace is made from, as text.
std::string trace_key(const LayerConfig& layer) {
  return layer.trace.resolved + "\n" + FieldWriter::of(layer).dump();
}

/// A machine that computes the same values as `machine` and that every layer fits.
eie::Parameters roomy(eie::Parameters machine) {
  constexpr std::uint64_t gib = std::uint64_t{1} << 30;
  machine.pe_count = 64;
  machine.codebook_index_bits = 8;
  machine.pointer_width_bits = 32;
  machine.pointer_capacity_bytes = gib;
  machine.spmat_capacity_bytes = gib;
  machine.register_file_entries = 0;
  return machine;
}

/// Values of a layer. They depend on the machine through its widths only.
struct LayerValues {
  LayerOutputs outputs;
  std::uint64_t saturations = 0;
};

LayerValues values_of(const QuantisedLayer& layer, const eie::Parameters& machine) {
  const eie::Parameters p = roomy(machine);
  const eie::MemoryImage image = eie::encode(layer.layer.matrix, eie::ImageGeometry::of(p));
  eie::check_capacity(p, layer.layer, eie::ImageSize::of(image));
  LayerRun run = run_layer(*eie::make_timeline_engine(p), layer, image, true, {});
  LayerValues values;
  values.outputs.format = layer.layer.formats.output;
  values.outputs.vectors = std::move(run.outputs);
  values.saturations = run.sums.pe_events[eie::PeEvent::accumulator_saturations];
  return values;
}

void drop_entries(eie::CodedMatrix& matrix) {
  matrix.column_starts = {};
  matrix.row_indices = {};
  matrix.codes = {};
}

}  // namespace

ValueKey value_key(const eie::Parameters& machine) {
  return {machine.weight_value_width_bits, machine.activation_width_bits, machine.accumulator_width_bits,
          static_cast<std::uint32_t>(machine.rounding),
          static_cast<std::uint32_t>(machine.nonzero_detection)};
}

std::uint64_t PreparedWorkload::bytes() const {
  std::uint64_t sum = 0;
  for (const QuantisedLayer& layer : layers) {
    sum += layer.layer.matrix.nonzeros() * 5 + layer.layer.matrix.column_starts.size() * 8;
    for (const auto& vector : layer.activations) {
      sum += vector.size() * sizeof(vector.front());
    }
  }
  return sum;
}

PreparedWorkloads::PreparedWorkloads(const EieWorkloads& workloads, const std::vector<bool>& wanted,
                                     const std::string& reference_folder, bool keep_matrices)
    : workloads_(workloads),
      keep_matrices_(keep_matrices),
      trace_ids_(workloads.list.size()),
      cache_(cache_bytes) {
  std::map<std::string, std::size_t> known;
  for (std::size_t workload = 0; workload < workloads.list.size(); ++workload) {
    if (!wanted[workload]) {
      continue;
    }
    for (const LayerConfig& layer : workloads.list[workload].layers) {
      const auto [entry, added] = known.try_emplace(trace_key(layer), traces_.size());
      if (added) {
        SourcedTrace sourced = load_layer(layer, {reference_folder, workloads.seed});
        traces_.push_back(std::make_unique<const Trace>(std::move(sourced.trace)));
      }
      trace_ids_[workload].push_back(entry->second);
    }
  }
}

std::shared_ptr<const PreparedWorkload> PreparedWorkloads::prepared(const EiePoint& point) const {
  return cache_.get({point.workload, value_key(point.machine)}, [&] { return prepare(point); });
}

PreparedWorkload PreparedWorkloads::prepare(const EiePoint& point) const {
  const std::vector<LayerConfig>& layers = workloads_.list[point.workload].layers;
  PreparedWorkload result;
  LayerOutputs previous;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const bool chained = layers[i].activations == ActivationSource::from_previous;
    const bool feeds_next =
        i + 1 < layers.size() && layers[i + 1].activations == ActivationSource::from_previous;
    QuantisedLayer ready =
        prepare_layer(layers[i], trace(point.workload, i), chained ? &previous : nullptr, point.machine);
    if (feeds_next || workloads_.outputs) {
      LayerValues values = values_of(ready, point.machine);
      if (workloads_.outputs) {
        result.saturations.push_back(values.saturations);
      }
      previous = std::move(values.outputs);
    }
    if (!keep_matrices_) {
      drop_entries(ready.layer.matrix);
    }
    result.layers.push_back(std::move(ready));
  }
  return result;
}

}  // namespace lacuna
