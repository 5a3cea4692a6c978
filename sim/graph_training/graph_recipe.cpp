#include "sim/graph_training/graph_recipe.h"

#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/network/aggregation.h"
#include "sim/network/load_weights.h"
#include "sim/network/simplify.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/overrides.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {
namespace {

void check_element(const NetworkLayer& layer) {
  switch (layer.element.function) {
    case ElementFunction::sigmoid:
    case ElementFunction::tanh:
    case ElementFunction::leaky_relu:
    case ElementFunction::elu:
    case ElementFunction::softplus:
      return;
    default:
      refuse_layer(layer,
                   fmt::format("function {} cannot be trained here", function_name(layer.element.function)),
                   "sigmoid, tanh, leaky_relu, elu or softplus");
  }
}

void check_layers(const Network& network) {
  for (const NetworkLayer& layer : network.layers) {
    switch (layer.kind) {
      case LayerKind::elementwise:
        check_element(layer);
        break;
      case LayerKind::input:
      case LayerKind::aggregation:
      case LayerKind::relu:
      case LayerKind::relu6:
      case LayerKind::add:
      case LayerKind::concat:
        break;
      case LayerKind::softmax:
      case LayerKind::log_softmax:
        if (&layer == &network.layers.back()) {
          break;
        }
        [[fallthrough]];
      default:
        if (!is_transform(layer)) {
          refuse_layer(layer, fmt::format("kind {} cannot be trained here", kind_name(layer.kind)),
                       "transforms (convolutions of kernel 1), aggregation, relu, relu6, elementwise, add, "
                       "concat; softmax at the end");
        }
    }
  }
}

std::vector<NodeLabel> part_of(const GraphTrainingInput& input, const std::string& part) {
  const TensorShape& output = input.network.layers.back().shape;
  std::vector<NodeLabel> labels =
      read_node_labels(input.data.node_labels.resolved, input.data.split.resolved, part, output.height);
  for (const NodeLabel& each : labels) {
    if (static_cast<std::uint32_t>(each.label) >= output.channels) {
      throw InputDataError(
          {input.data.node_labels.resolved, 0, ""},
          fmt::format("node {} has the class {}", each.node, each.label),
          fmt::format("classes from 0 to {}, as many as the network has outputs", output.channels - 1));
    }
  }
  return labels;
}

}  // namespace

GraphTrainingInput read_graph_training(const std::string& recipe,
                                       const std::vector<std::string>& assignments) {
  YamlNode document = load_yaml(recipe);
  apply_overrides(document, assignments);
  GraphTrainingFile file;
  FieldReader::read_section(document, "", file);
  GraphTrainingInput input;
  input.config = file.graph_training;
  check_exists(input.config.network);
  const std::string& path = input.config.network.resolved;
  const NetworkFile network = read_network_file(path);
  if (!network.data || network.data->node_labels.empty() || network.data->split.empty()) {
    throw ConfigurationError({path, 0, "data"}, "has no classes of nodes and their parts",
                             "node_labels and split beside the features");
  }
  input.data = *network.data;
  input.network = make_network(network.network);
  if (!input.network.graph) {
    throw ConfigurationError({path, 0, "network.graph"}, "is missing", "a network with aggregation layers");
  }
  input.files = {recipe, path};
  for (std::string& each : load_weights(input.network, input.config.seed)) {
    input.files.push_back(std::move(each));
  }
  input.network = simplified(input.network);
  check_layers(input.network);
  const InputImages images(*network.data, input.network.layers.front().shape);
  if (images.size() != 1) {
    throw ConfigurationError({path, 0, "data"}, fmt::format("has {} inputs", images.size()),
                             "one: the features of all nodes");
  }
  input.features = images.image(0);
  input.files.insert(input.files.end(), images.files().begin(), images.files().end());
  input.train = part_of(input, input.config.train);
  input.validation = part_of(input, input.config.validation);
  input.test = part_of(input, input.config.test);
  return input;
}

}  // namespace lacuna
