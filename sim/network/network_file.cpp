#include "sim/network/network_file.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "sim/network/given_keys.h"
#include "sim/yaml/existing_file.h"
#include "sim/yaml/field_reader.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {
namespace {

constexpr std::size_t max_layers = 10000;

void check_files(const NetworkFile& file) {
  for (const LayerDescription& layer : file.network.layers) {
    if (layer.weights) {
      const WeightSource& w = *layer.weights;
      for (const FilePath* each : {&w.npy, &w.recurrent, &w.bias, &w.han_net, &w.trace}) {
        check_exists(*each);
      }
    }
    if (layer.batch_normalization) {
      const BatchNormalizationSource& b = *layer.batch_normalization;
      for (const FilePath* each : {&b.gamma, &b.beta, &b.mean, &b.variance}) {
        check_exists(*each);
      }
    }
  }
  if (file.data) {
    for (const FilePath* each : {&file.data->npy, &file.data->idx, &file.data->labels}) {
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
  window.stride = d.stride.value_or(1);
  const std::uint32_t padding = d.padding.value_or(0);
  window.top = d.padding_top.value_or(padding);
  window.bottom = d.padding_bottom.value_or(padding);
  window.left = d.padding_left.value_or(padding);
  window.right = d.padding_right.value_or(padding);
  return window;
}

NetworkLayer make_layer(const Network& network, const LayerDescription& d) {
  check_given_keys(d);
  NetworkLayer layer;
  layer.name = d.name;
  layer.kind = d.kind;
  layer.inputs = input_positions(network, d);
  layer.shape = {d.height.value_or(1), d.width.value_or(1), d.outputs.value_or(d.channels.value_or(1))};
  layer.window = window_of(d);
  layer.groups = d.groups.value_or(1);
  layer.ceil_mode = d.ceil_mode.value_or(false);
  layer.count_padding = d.count_padding.value_or(false);
  layer.order = d.order.value_or(FlattenOrder::hwc);
  layer.activation = d.activation.value_or(Activation::none);
  layer.weight_source = d.weights.value_or(WeightSource{});
  layer.batch_normalization = d.batch_normalization.value_or(BatchNormalizationSource{});
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
  for (const LayerDescription& each : description.layers) {
    network.layers.push_back(make_layer(network, each));
  }
  infer_shapes(network);
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
