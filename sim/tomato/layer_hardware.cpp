#include "sim/tomato/layer_hardware.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "sim/config/nearest.h"

namespace lacuna::tomato {
namespace {

constexpr const char* default_format = "fixed(8)";
constexpr const char* result_format = "fixed(16)";

const std::string& first_given(const std::string& a, const std::string& b, const std::string& c) {
  return !a.empty() ? a : !b.empty() ? b : c;
}

template <class T>
std::optional<T> first_given(const std::optional<T>& a, const std::optional<T>& b) {
  return a ? a : b;
}

/// The last layer whose values leave the machine: softmax is the host's.
std::size_t result_layer(const Network& network) {
  std::size_t last = network.layers.size() - 1;
  while (last > 0 && network.layers[last].kind == LayerKind::softmax) {
    last = network.layers[last].inputs.front();
  }
  return last;
}

std::map<std::string, const LayerSettings*> settings_by_layer(const Network& network,
                                                              const TomatoArchitecture& architecture) {
  std::vector<std::string> names;
  for (const NetworkLayer& layer : network.layers) {
    names.push_back(layer.name);
  }
  std::map<std::string, const LayerSettings*> settings;
  for (const LayerSettings& each : architecture.layers) {
    if (std::find(names.begin(), names.end(), each.layer) == names.end()) {
      throw ConfigurationError(each.place, fmt::format("the network has no layer '{}'", each.layer),
                               suggest(each.layer, names));
    }
    if (!settings.emplace(each.layer, &each).second) {
      throw ConfigurationError(each.place, fmt::format("layer '{}' stands there twice", each.layer));
    }
  }
  return settings;
}

}  // namespace

std::vector<LayerHardware> layer_hardware(const Network& network, const TomatoArchitecture& architecture) {
  const auto settings = settings_by_layer(network, architecture);
  const LayerSettings& defaults = architecture.defaults.values;
  const std::size_t result = result_layer(network);
  std::vector<LayerHardware> hardware;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const auto found = settings.find(network.layers[i].name);
    const LayerSettings own = found == settings.end() ? LayerSettings{} : *found->second;
    LayerHardware layer;
    layer.place = found == settings.end() ? architecture.place : own.place;
    layer.weights = parse_format_request(first_given(own.weights, defaults.weights, default_format), layer.place);
    layer.activations = parse_format_request(
        i == result ? first_given(own.activations, result_format, "") : first_given(own.activations, defaults.activations, default_format),
        layer.place);
    layer.unroll = {own.unroll_inputs.value_or(0), own.unroll_outputs.value_or(0), own.unroll_kernel.value_or(0)};
    layer.fifo_depth = first_given(own.fifo_depth_pixels, defaults.fifo_depth_pixels);
    layer.keep_ratio = first_given(own.keep_ratio, defaults.keep_ratio);
    hardware.push_back(layer);
  }
  return hardware;
}

}  // namespace lacuna::tomato
