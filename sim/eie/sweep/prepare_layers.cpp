#include "sim/eie/sweep/prepare_layers.h"

#include <utility>

#include "models/eie/capacity.h"
#include "models/eie/layer.h"
#include "models/eie/timeline/timeline_engine.h"
#include "sim/eie/run/chain.h"
#include "sim/eie/run/run_layer.h"

namespace lacuna {
namespace {

/// The outputs of a layer, and what they tell of it.
struct ComputedLayer {
  LayerOutputs outputs;
  LayerValues values;
};

bool takes_outputs(const TracedLayer& layer) {
  return layer.config->activations == ActivationSource::from_previous;
}

/// They depend on the machine through its widths only.
ComputedLayer computed(const QuantisedLayer& layer, const eie::Parameters& machine) {
  const eie::Parameters p = roomy(machine);
  const eie::MemoryImage image = eie::encode(layer.layer.matrix, eie::image_geometry(p));
  eie::check_capacity(p, layer.layer, eie::ImageSize::of(image));
  LayerRun run = run_layer(*eie::make_timeline_engine(p), layer, image, true, {});
  ComputedLayer result;
  result.outputs.format = layer.layer.formats.output;
  result.outputs.vectors = std::move(run.outputs);
  result.values.saturations = run.sums.pe_events[eie::PeEvent::accumulator_saturations];
  return result;
}

}  // namespace

PreparedWorkload prepare_layers(const std::vector<TracedLayer>& layers, const eie::Parameters& machine,
                                bool outputs) {
  PreparedWorkload result;
  LayerOutputs previous;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto& [config, trace, id] = layers[i];
    const bool chained = takes_outputs(layers[i]);
    MatrixRun run;
    run.ready = prepare_layer(*config, *trace, chained ? &previous : nullptr, machine);
    run.matrix = {trace, &trace->matrix};
    run.key = {false, id, 0, 0};
    run.layer = i;
    run.row_order = config->row_order == RowOrderKind::natural ? nullptr : config;
    const bool feeds_next = i + 1 < layers.size() && takes_outputs(layers[i + 1]);
    if (feeds_next || outputs) {
      ComputedLayer layer = computed(run.ready, machine);
      layer.outputs.labels = known_labels(*config, *trace, previous);
      if (outputs) {
        if (!feeds_next) {
          layer.values.classification = classify(layer.outputs.vectors, layer.outputs.labels);
        }
        result.values.push_back(layer.values);
      }
      previous = std::move(layer.outputs);
    }
    result.layers.push_back(trace->name);
    result.runs.push_back(std::move(run));
  }
  return result;
}

}  // namespace lacuna
