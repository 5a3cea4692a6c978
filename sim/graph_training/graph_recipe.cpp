#include "sim/graph_training/graph_recipe.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/network/aggregation.h"
#include "sim/network/load_weights.h"
#include "sim/network/simplify.h"
#include "sim/yaml/field_reader.h"

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

std::vector<NodeLabel> checked(const GraphTrainingInput& input, std::vector<NodeLabel> labels) {
  const TensorShape& output = input.network.layers.back().shape;
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

std::vector<NodeLabel> part_of(const GraphTrainingInput& input, const std::string& part) {
  return checked(input, read_node_labels(input.data.node_labels.resolved, input.data.split.resolved, part,
                                         input.network.layers.back().shape.height));
}

/// Every labelled node that is in neither of the other parts.
std::vector<NodeLabel> rest_of(const GraphTrainingInput& input) {
  const std::uint32_t nodes = input.network.layers.back().shape.height;
  std::vector<bool> held(nodes, false);
  for (const auto* part : {&input.validation, &input.test}) {
    for (const NodeLabel& each : *part) {
      held[each.node] = true;
    }
  }
  std::vector<NodeLabel> rest =
      checked(input, read_node_labels(input.data.node_labels.resolved, "", "", nodes));
  rest.erase(std::remove_if(rest.begin(), rest.end(), [&](const NodeLabel& each) { return held[each.node]; }),
             rest.end());
  if (rest.empty()) {
    throw InputDataError({input.data.split.resolved, 0, ""}, "leaves no node to learn",
                         "nodes of other parts");
  }
  return rest;
}

/// The layers of the network with the bits of the recipe: weights, and a rounding layer behind every layer
/// whose output a layer takes (concat and rounding themselves change no value).
NumberedNetwork numbered(const Network& network, const GraphTrainingConfig& config) {
  NumberedNetwork result;
  result.network.name = network.name;
  result.network.graph = network.graph;
  std::vector<std::size_t> end;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    NetworkLayer layer = network.layers[i];
    for (std::size_t& input : layer.inputs) {
      input = i == 0 ? input : end[input];
    }
    GraphLayerNumbers numbers;
    if (layer.kind == LayerKind::convolution || layer.kind == LayerKind::aggregation) {
      numbers.weight_bits = config.weight_bits;
    }
    const bool rounds = config.activation_bits && layer.kind != LayerKind::concat &&
                        i + 1 < network.layers.size() && !is_softmax(network.layers[i + 1].kind);
    result.network.layers.push_back(std::move(layer));
    result.numbers.push_back(numbers);
    if (rounds) {
      result.network.layers.push_back(rounding_layer(result.network, result.network.layers.size() - 1,
                                                     network.layers[i].name + ".rounded"));
      result.numbers.push_back({{}, config.activation_bits});
    }
    end.push_back(result.network.layers.size() - 1);
  }
  return result;
}

}  // namespace

bool is_graph_training(const YamlNode& document) {
  return document.find("graph_training") != nullptr;
}

GraphTrainingConfig load_graph_training(const YamlNode& document) {
  GraphTrainingFile file;
  FieldReader::read_section(document, "", file);
  check_exists(file.graph_training.network);
  return std::move(file.graph_training);
}

NetworkLayer rounding_layer(const Network& network, std::size_t position, const std::string& name) {
  NetworkLayer layer;
  layer.name = name;
  layer.kind = LayerKind::elementwise;
  layer.inputs = {position};
  layer.shape = network.layers[position].shape;
  layer.element.function = ElementFunction::quantise;
  layer.place = network.layers[position].place;
  return layer;
}

GraphTrainingInput read_graph_training(const GraphTrainingConfig& config) {
  GraphTrainingInput input;
  input.config = config;
  const std::string& path = input.config.network.resolved;
  const NetworkFile network = read_network_file(path);
  if (!network.data || network.data->node_labels.empty() || network.data->split.empty()) {
    throw ConfigurationError({path, 0, "data"}, "has no classes of nodes and their parts",
                             "node_labels and split beside the features");
  }
  input.data = *network.data;
  Network graph = make_network(network.network);
  if (!graph.graph) {
    throw ConfigurationError({path, 0, "network.graph"}, "is missing", "a network with aggregation layers");
  }
  input.files = {path};
  for (std::string& each : load_weights(graph, input.config.seed)) {
    input.files.push_back(std::move(each));
  }
  graph = simplified(graph);
  check_layers(graph);
  NumberedNetwork with_numbers = numbered(graph, config);
  input.network = std::move(with_numbers.network);
  input.numbers = std::move(with_numbers.numbers);
  const InputImages images(*network.data, input.network.layers.front().shape);
  if (images.size() != 1) {
    throw ConfigurationError({path, 0, "data"}, fmt::format("has {} inputs", images.size()),
                             "one: the features of all nodes");
  }
  input.features = images.image(0);
  input.files.insert(input.files.end(), images.files().begin(), images.files().end());
  input.validation = part_of(input, input.config.validation);
  input.test = part_of(input, input.config.test);
  input.train = config.train_rest ? rest_of(input) : part_of(input, input.config.train);
  return input;
}

}  // namespace lacuna
