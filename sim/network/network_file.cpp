#include "sim/network/network_file.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/common/error.h"
#include "sim/network/aggregation.h"
#include "sim/network/network.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/scalars.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {
namespace {

using Keys = std::vector<std::string>;

/// What a kind takes beside name, kind and inputs.
struct KindKeys {
  Keys required;
  Keys optional;
};

Keys window_keys() {
  return {"kernel",  "kernel_height", "kernel_width",   "stride",       "stride_height", "stride_width",
          "padding", "padding_top",   "padding_bottom", "padding_left", "padding_right"};
}

/// The numbers of an element function.
Keys function_keys(ElementFunction function) {
  switch (function) {
    case ElementFunction::leaky_relu:
    case ElementFunction::elu:
      return {"alpha"};
    case ElementFunction::hard_sigmoid:
      return {"alpha", "beta"};
    case ElementFunction::clip:
      return {"lower", "upper"};
    case ElementFunction::quantise:
    case ElementFunction::quantise_down:
      return {"step", "zero_point", "lower", "upper"};
    default:
      return {};
  }
}

Keys with_window(Keys keys) {
  const Keys window = window_keys();
  keys.insert(keys.end(), window.begin(), window.end());
  return keys;
}

KindKeys keys_of(const LayerDescription& layer) {
  switch (layer.kind) {
    case LayerKind::input:
      return {{"channels"}, {"height", "width"}};
    case LayerKind::convolution:
      return {{"outputs", "weights"}, with_window({"groups", "activation", "gates"})};
    case LayerKind::fully_connected:
      return {{"outputs", "weights"}, {"activation"}};
    case LayerKind::lstm:
      return {{"outputs", "weights"}, {}};
    case LayerKind::gru:
      return {{"outputs", "weights"}, {"reset_after"}};
    case LayerKind::max_pooling:
      return {{}, with_window({"ceil_mode"})};
    case LayerKind::average_pooling:
      return {{}, with_window({"ceil_mode", "count_padding"})};
    case LayerKind::add:
      return {{}, {"activation"}};
    case LayerKind::flatten:
      return {{"order"}, {}};
    case LayerKind::batch_normalization:
      return {{"batch_normalization"}, {"activation"}};
    case LayerKind::elementwise:
      return {{"function"}, function_keys(layer.function.value_or(ElementFunction::sigmoid))};
    case LayerKind::rearrange:
      return {{"channels", "extents", "strides"}, {"height", "width", "offset"}};
    case LayerKind::pad:
      return {{}, {"padding", "padding_top", "padding_bottom", "padding_left", "padding_right", "value"}};
    case LayerKind::aggregation:
      return {{"aggregation"}, {"activation"}};
    case LayerKind::local_response_normalization:
      return {{"size"}, {"alpha", "beta", "bias"}};
    default:
      return {};
  }
}

Keys given_keys(const LayerDescription& d) {
  const std::vector<std::pair<const char*, bool>> all = {
      {"height", d.height.has_value()},
      {"width", d.width.has_value()},
      {"channels", d.channels.has_value()},
      {"outputs", d.outputs.has_value()},
      {"kernel", d.kernel.has_value()},
      {"kernel_height", d.kernel_height.has_value()},
      {"kernel_width", d.kernel_width.has_value()},
      {"stride", d.stride.has_value()},
      {"stride_height", d.stride_height.has_value()},
      {"stride_width", d.stride_width.has_value()},
      {"padding", d.padding.has_value()},
      {"padding_top", d.padding_top.has_value()},
      {"padding_bottom", d.padding_bottom.has_value()},
      {"padding_left", d.padding_left.has_value()},
      {"padding_right", d.padding_right.has_value()},
      {"groups", d.groups.has_value()},
      {"ceil_mode", d.ceil_mode.has_value()},
      {"count_padding", d.count_padding.has_value()},
      {"reset_after", d.reset_after.has_value()},
      {"order", d.order.has_value()},
      {"activation", d.activation.has_value()},
      {"function", d.function.has_value()},
      {"alpha", d.alpha.has_value()},
      {"beta", d.beta.has_value()},
      {"bias", d.bias.has_value()},
      {"size", d.size.has_value()},
      {"lower", d.lower.has_value()},
      {"upper", d.upper.has_value()},
      {"step", d.step.has_value()},
      {"zero_point", d.zero_point.has_value()},
      {"value", d.value.has_value()},
      {"offset", d.offset.has_value()},
      {"extents", !d.extents.empty()},
      {"strides", !d.strides.empty()},
      {"weights", d.weights.has_value()},
      {"batch_normalization", d.batch_normalization.has_value()},
      {"gates", d.gates.has_value()},
      {"aggregation", d.aggregation.has_value()}};
  Keys given;
  for (const auto& [key, present] : all) {
    if (present) {
      given.emplace_back(key);
    }
  }
  return given;
}

bool contains(const Keys& keys, const std::string& key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

[[noreturn]] void refuse(const LayerDescription& layer, const std::string& key, const std::string& wrong,
                         const std::string& allowed) {
  ErrorPlace place = layer.place;
  place.key += "." + key;
  throw ConfigurationError(place, wrong, allowed);
}

void check_kernel(const LayerDescription& layer, const Keys& given) {
  const bool whole = contains(given, "kernel");
  const bool both = contains(given, "kernel_height") && contains(given, "kernel_width");
  if (!whole && !both) {
    refuse(layer, "kernel", "is missing", "kernel, or kernel_height and kernel_width");
  }
}

/// Refuses keys that have no meaning for the layer's kind, and reports those it needs. Throws
/// ConfigurationError at the layer's place.
void check_given_keys(const LayerDescription& layer) {
  const KindKeys keys = keys_of(layer);
  const Keys given = given_keys(layer);
  Keys allowed = keys.required;
  allowed.insert(allowed.end(), keys.optional.begin(), keys.optional.end());
  for (const std::string& key : given) {
    if (!contains(allowed, key)) {
      refuse(layer, key, fmt::format("has no meaning for kind {}", kind_name(layer.kind)),
             allowed.empty() ? "name, kind, inputs"
                             : fmt::format("name, kind, inputs, {}", fmt::join(allowed, ", ")));
    }
  }
  for (const std::string& key : keys.required) {
    if (!contains(given, key)) {
      refuse(layer, key, "is missing", fmt::format("kind {} needs it", kind_name(layer.kind)));
    }
  }
  if (contains(allowed, "kernel")) {
    check_kernel(layer, given);
  }
  if (layer.kind == LayerKind::elementwise && layer.function == ElementFunction::clip && !layer.lower &&
      !layer.upper) {
    refuse(layer, "lower", "is missing", "lower, upper or both");
  }
  if (layer.kind == LayerKind::input && !layer.inputs.empty()) {
    refuse(layer, "inputs", "has no meaning for kind input", "leave it out");
  }
}

/// Attention by features has weights, and may have heads; the other kinds have neither.
void check_aggregation(const LayerDescription& layer) {
  const AggregationSource& a = *layer.aggregation;
  const bool weighted = depends_on_features(a.attention);
  if (weighted == (a.npy.empty() && !a.generate) || (a.generate && !a.npy.empty())) {
    refuse(layer, "aggregation.npy", weighted ? "is missing, or stands beside generate" : "has no meaning",
           weighted ? "weights of the attention: npy, or generate: true"
                    : "attention by features, which has weights");
  }
  if (!weighted && a.heads != 1) {
    refuse(layer, "aggregation.heads", "has no meaning", "1, or attention by features");
  }
}

constexpr std::size_t max_layers = 10000;

void check_files(const NetworkFile& file) {
  for (const LayerDescription& layer : file.network.layers) {
    if (layer.weights) {
      const WeightSource& w = *layer.weights;
      for (const FilePath* each : {&w.npy, &w.recurrent, &w.bias, &w.han_net, &w.trace}) {
        check_exists(*each);
      }
    }
    if (layer.gates) {
      for (const FilePath* each : {&layer.gates->npy, &layer.gates->bias, &layer.gates->mean}) {
        check_exists(*each);
      }
    }
    if (layer.aggregation) {
      check_exists(layer.aggregation->npy);
      check_exists(layer.aggregation->bias);
    }
    if (layer.batch_normalization) {
      const BatchNormalizationSource& b = *layer.batch_normalization;
      for (const FilePath* each : {&b.gamma, &b.beta, &b.mean, &b.variance}) {
        check_exists(*each);
      }
    }
  }
  if (file.network.graph) {
    check_exists(file.network.graph->edges);
  }
  if (file.data) {
    for (const FilePath* each : {&file.data->npy, &file.data->idx, &file.data->matrix, &file.data->labels,
                                 &file.data->node_labels, &file.data->split}) {
      check_exists(*each);
    }
  }
}

/// Positions of the layers that a description names, or the layer before.
std::vector<std::size_t> input_positions(const Network& network, const LayerDescription& description) {
  if (description.kind == LayerKind::input) {
    return {};
  }
  if (description.inputs.empty()) {
    return network.layers.empty() ? std::vector<std::size_t>() : std::vector{network.layers.size() - 1};
  }
  std::vector<std::size_t> positions;
  for (const YamlNode& input : description.inputs) {
    const auto found = std::find_if(network.layers.begin(), network.layers.end(),
                                    [&](const NetworkLayer& each) { return each.name == input.text; });
    if (found == network.layers.end()) {
      throw ConfigurationError(input.place(description.place.key + ".inputs"),
                               fmt::format("no layer '{}' before this one", input.text),
                               "names of layers declared before");
    }
    positions.push_back(static_cast<std::size_t>(found - network.layers.begin()));
  }
  return positions;
}

Window window_of(const LayerDescription& d) {
  Window window;
  window.height = d.kernel_height.value_or(d.kernel.value_or(1));
  window.width = d.kernel_width.value_or(d.kernel.value_or(1));
  window.stride_height = d.stride_height.value_or(d.stride.value_or(1));
  window.stride_width = d.stride_width.value_or(d.stride.value_or(1));
  const std::uint32_t padding = d.padding.value_or(0);
  window.top = d.padding_top.value_or(padding);
  window.bottom = d.padding_bottom.value_or(padding);
  window.left = d.padding_left.value_or(padding);
  window.right = d.padding_right.value_or(padding);
  return window;
}

ElementParameters element_of(const LayerDescription& d) {
  ElementParameters element;
  element.function = d.function.value_or(element.function);
  element.alpha = d.alpha.value_or(element.function == ElementFunction::hard_sigmoid ? 0.2
                                   : element.function == ElementFunction::elu        ? 1.0
                                                                                     : 0.01);
  element.beta = d.beta.value_or(0.5);
  element.lower = d.lower;
  element.upper = d.upper;
  element.step = d.step.value_or(1.0);
  element.zero_point = d.zero_point.value_or(0.0);
  if (!(element.step > 0.0)) {
    refuse(d, "step", "is 0", "a positive number");
  }
  if (element.lower && element.upper && *element.lower > *element.upper) {
    refuse(d, "lower", "is more than upper", "at most upper");
  }
  return element;
}

Rearrangement rearrangement_of(const LayerDescription& d) {
  Rearrangement result;
  result.offset = static_cast<std::int64_t>(d.offset.value_or(0));
  result.extents = d.extents;
  for (std::size_t i = 0; i < d.strides.size(); ++i) {
    const std::string path = fmt::format("{}.strides.{}", d.place.key, i);
    constexpr double most = LayerDescription::max_elements;
    const double stride = read_real(d.strides[i], path, -most, most);
    if (stride != std::floor(stride)) {
      throw ConfigurationError(d.strides[i].place(path), "is no integer", "elements");
    }
    result.strides.push_back(static_cast<std::int64_t>(stride));
  }
  return result;
}

ResponseNormalization normalization_of(const LayerDescription& d) {
  ResponseNormalization result;
  result.size = d.size.value_or(result.size);
  result.alpha = d.alpha.value_or(result.alpha);
  result.beta = d.beta.value_or(result.beta);
  result.bias = d.bias.value_or(result.bias);
  return result;
}

NetworkLayer make_layer(const Network& network, const LayerDescription& d) {
  check_given_keys(d);
  if (d.aggregation) {
    check_aggregation(d);
    if (!network.graph) {
      refuse(d, "kind", "there is no graph to aggregate over", "network.graph, which names its edges");
    }
  }
  NetworkLayer layer;
  layer.name = d.name;
  layer.kind = d.kind;
  layer.inputs = input_positions(network, d);
  layer.shape = {d.height.value_or(1), d.width.value_or(1), d.outputs.value_or(d.channels.value_or(1))};
  layer.window = window_of(d);
  layer.groups = d.groups.value_or(1);
  layer.ceil_mode = d.ceil_mode.value_or(false);
  layer.count_padding = d.count_padding.value_or(false);
  layer.reset_after = d.reset_after.value_or(false);
  layer.order = d.order.value_or(FlattenOrder::hwc);
  layer.activation = d.activation.value_or(Activation::none);
  layer.element = element_of(d);
  layer.rearrangement = rearrangement_of(d);
  layer.pad_value = d.value.value_or(0.0);
  layer.normalization = normalization_of(d);
  layer.weight_source = d.weights.value_or(WeightSource{});
  layer.batch_normalization = d.batch_normalization.value_or(BatchNormalizationSource{});
  layer.gates = d.gates;
  layer.aggregation = d.aggregation.value_or(AggregationSource{});
  layer.place = d.place;
  return layer;
}

}  // namespace

Network make_network(const NetworkDescription& description) {
  if (description.layers.size() > max_layers) {
    throw ConfigurationError({"", 0, "network.layers"}, "too many layers",
                             fmt::format("at most {}", max_layers));
  }
  Network network;
  network.name = description.name;
  network.graph = description.graph;
  for (const LayerDescription& each : description.layers) {
    network.layers.push_back(make_layer(network, each));
  }
  infer_shapes(network);
  if (network.layers.size() == 1) {
    refuse_layer(network.layers.front(), "is all there is", "an input and at least one layer that takes it");
  }
  const auto aggregates = [](const NetworkLayer& each) { return each.kind == LayerKind::aggregation; };
  if (network.graph && std::none_of(network.layers.begin(), network.layers.end(), aggregates)) {
    throw ConfigurationError({"", 0, "network.graph"}, "has no meaning", "a layer of kind aggregation");
  }
  return network;
}

NetworkFile read_network_file(const std::string& path) {
  const YamlNode document = load_yaml(path);
  NetworkFile file;
  FieldReader::read_section(document, "", file);
  const YamlNode& layers = *document.find("network")->find("layers");
  for (std::size_t i = 0; i < file.network.layers.size(); ++i) {
    file.network.layers[i].place = layers.items[i].place(fmt::format("network.layers.{}", i));
  }
  if (file.network.name.empty()) {
    file.network.name = std::filesystem::path(path).stem().string();
  }
  check_files(file);
  return file;
}

Network load_network(const std::string& path) {
  return make_network(read_network_file(path).network);
}

}  // namespace lacuna
