#include "sim/graph_training/graph_state.h"

#include <memory>
#include <utility>

namespace lacuna {
namespace {

constexpr const char* graph_checkpoint_kind = "lacuna graph checkpoint 1";

}  // namespace

Network network_of(const Network& network, const TrainedGraphNetwork& trained) {
  Network result = network;
  for (std::size_t i = 1; i < result.layers.size(); ++i) {
    NetworkLayer& layer = result.layers[i];
    const GraphLayerValues& values = trained.layers[i];
    if (layer.weights != nullptr) {
      LayerWeights weights;
      weights.values = values.values;
      weights.bias = values.bias;
      layer.weights = std::make_shared<const LayerWeights>(std::move(weights));
    }
    if (layer.kind == LayerKind::elementwise && layer.element.function == ElementFunction::quantise) {
      layer.element.step = values.step;
      layer.element.lower = values.lower;
      layer.element.upper = values.upper;
    }
  }
  return result;
}

void write_graph_checkpoint(const GraphTrainingState& state, const std::string& identity,
                            const std::string& path) {
  write_state_file(graph_checkpoint_kind, identity, path,
                   [&](StateWriter& writer) { archive_graph_training(writer, state); });
}

GraphTrainingState read_graph_checkpoint(const std::string& path, const std::string& identity) {
  GraphTrainingState state;
  read_state_file(graph_checkpoint_kind, identity, path,
                  [&](StateReader& reader) { archive_graph_training(reader, state); });
  return state;
}

}  // namespace lacuna
