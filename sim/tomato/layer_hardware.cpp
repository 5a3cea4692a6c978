#include "sim/tomato/layer_hardware.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "sim/yaml/nearest.h"

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

/// Which settings a layer's hardware has.
struct Applicable {
  bool weights = false;
  bool activations = false;
  bool inputs = false;  ///< unroll factors
  bool outputs = false;
  bool kernel = false;
};

Applicable applicable_to(const NetworkLayer& layer) {
  switch (layer.kind) {
    case LayerKind::convolution: {
      const bool one_group = layer.groups == 1;
      return {true, true, one_group, true, layer.window.height > 1 || layer.window.width > 1};
    }
    case LayerKind::fully_connected:
      return {true, true, true, true, false};
    case LayerKind::max_pooling:
      return {false, false, false, true, true};
    case LayerKind::average_pooling:
      return {false, true, false, true, true};
    case LayerKind::global_average_pooling:
    case LayerKind::add:
      return {false, true, false, true, false};
    case LayerKind::input:
    case LayerKind::relu:
    case LayerKind::relu6:
    case LayerKind::batch_normalization:
      return {false, true, false, false, false};
    case LayerKind::concat:
    case LayerKind::flatten:
    case LayerKind::softmax:
    case LayerKind::lstm:
      break;
  }
  return {};
}

/// Refuses what would change nothing.
void check_settings(const NetworkLayer& layer, const LayerSettings& own) {
  const Applicable has = applicable_to(layer);
  const auto check = [&](bool stated, bool applicable, const char* key) {
    if (stated && !applicable) {
      throw ConfigurationError(own.place, fmt::format("{} of layer '{}': its kind, {}, has none", key,
                                                      layer.name, kind_name(layer.kind)));
    }
  };
  check(!own.weights.empty(), has.weights, "weights");
  check(!own.activations.empty(), has.activations, "activations");
  check(own.unroll_inputs.has_value(), has.inputs, "unroll_inputs");
  check(own.unroll_outputs.has_value(), has.outputs, "unroll_outputs");
  check(own.unroll_kernel.has_value(), has.kernel, "unroll_kernel");
  check(own.keep_ratio.has_value(), has.weights && layer.groups == 1, "keep_ratio");
}

}  // namespace

bool has_setting(const NetworkLayer& layer, std::string_view key) {
  const Applicable has = applicable_to(layer);
  const std::pair<std::string_view, bool> settings[] = {
      {"weights", has.weights},      {"activations", has.activations},
      {"unroll_inputs", has.inputs}, {"unroll_outputs", has.outputs},
      {"unroll_kernel", has.kernel}, {"keep_ratio", has.weights && layer.groups == 1}};
  const auto found = std::find_if(std::begin(settings), std::end(settings),
                                  [&](const auto& each) { return each.first == key; });
  return found == std::end(settings) || found->second;
}

std::vector<LayerHardware> layer_hardware(const Network& network, const TomatoArchitecture& architecture) {
  const auto settings = settings_by_layer(network, architecture);
  const LayerSettings& defaults = architecture.defaults.values;
  const std::size_t result = result_layer(network);
  std::vector<LayerHardware> hardware;
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const auto found = settings.find(network.layers[i].name);
    const LayerSettings own = found == settings.end() ? LayerSettings{} : *found->second;
    check_settings(network.layers[i], own);
    LayerHardware layer;
    layer.place = found == settings.end() ? architecture.place : own.place;
    layer.weights =
        parse_format_request(first_given(own.weights, defaults.weights, default_format), layer.place);
    layer.activations =
        parse_format_request(i == result ? first_given(own.activations, result_format, "")
                                         : first_given(own.activations, defaults.activations, default_format),
                             layer.place);
    layer.unroll = {own.unroll_inputs, own.unroll_outputs, own.unroll_kernel};
    layer.fifo_depth = first_given(own.fifo_depth_pixels, defaults.fifo_depth_pixels);
    layer.keep_ratio = first_given(own.keep_ratio, defaults.keep_ratio);
    hardware.push_back(layer);
  }
  return hardware;
}

}  // namespace lacuna::tomato
