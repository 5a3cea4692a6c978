#include "sim/tomato/layer_hardware.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "sim/compress/represent.h"
#include "sim/yaml/nearest.h"

namespace lacuna::tomato {
namespace {

struct KindName {
  const char* name;
  NumberKind kind;
  std::optional<int> width_bits;  ///< of the kinds that have one
};

constexpr KindName kinds[] = {
    {"fixed", NumberKind::fixed, {}},    {"dynamic_fixed", NumberKind::dynamic_fixed, {}},
    {"shift", NumberKind::shift, {}},    {"recentralised_shift", NumberKind::recentralised_shift, {}},
    {"ternary", NumberKind::ternary, 2}, {"binary", NumberKind::binary, 1}};

/// "kind(width)" or a bare "ternary" or "binary"; nothing if the text is anything else.
std::optional<NumberFormat> kind_and_width(const std::string& text) {
  for (const KindName& known : kinds) {
    NumberFormat format;
    format.kind = known.kind;
    if (known.width_bits && text == known.name) {
      format.width_bits = *known.width_bits;
      return format;
    }
    const std::string start = std::string(known.name) + "(";
    const bool one_argument = !known.width_bits && text.compare(0, start.size(), start) == 0 &&
                              text.size() <= start.size() + 3 && text.size() > start.size() + 1 &&
                              text.back() == ')';
    if (!one_argument) {
      continue;
    }
    const std::string number = text.substr(start.size(), text.size() - start.size() - 1);
    if (number.find_first_not_of("0123456789") == std::string::npos) {
      format.width_bits = std::stoi(number);
      return format;
    }
  }
  return std::nullopt;
}

/// The narrowest and widest code of a kind: as models/common/number_format.h says, but for the widest shifts,
/// whose mantissas are wider than the engines' operands of 32 bits.
void check_width(const NumberFormat& format, const std::string& text, const ErrorPlace& place) {
  int least = 2;
  int most = 32;
  if (format.kind == NumberKind::shift) {
    least = 3;
    most = 6;
  } else if (format.kind == NumberKind::recentralised_shift) {
    least = 4;
    most = 7;
  } else if (!format.is_two_complement()) {
    return;
  }
  if (format.width_bits < least || format.width_bits > most) {
    throw ConfigurationError(place, fmt::format("'{}' has no such width", text),
                             fmt::format("allowed: {} to {} bits", least, most));
  }
}

RepresentationOptions representation(const NumberFormat& format, std::uint64_t seed) {
  RepresentationOptions options;
  options.bits = static_cast<std::uint32_t>(format.width_bits);
  options.seed = seed;
  switch (format.kind) {
    case NumberKind::fixed:
      options.kind = Representation::fixed;
      break;
    case NumberKind::dynamic_fixed:
      options.kind = Representation::dynamic_fixed;
      break;
    case NumberKind::shift:
      options.kind = Representation::shift;
      break;
    case NumberKind::recentralised_shift:
      options.kind = Representation::focused;
      break;
    case NumberKind::ternary:
      options.kind = Representation::ternary;
      break;
    case NumberKind::binary:
      options.kind = Representation::binary;
      break;
  }
  return options;
}

/// The mantissa of a weight that is zero.
std::int32_t zero_mantissa(const NumberFormat& format, const ErrorPlace& place) {
  if (format.kind == NumberKind::binary) {
    throw ConfigurationError(place, "binary weights have no zero, and the layer has pruned weights",
                             "ternary has one");
  }
  return 0;
}

/// Whether a number lies beyond those of a format by more than what rounding brings back.
bool clips(double value, const NumberFormat& format, double scale) {
  const double mantissa = std::ldexp(value / scale, -unit_exponent(format));
  const auto most = static_cast<double>(max_mantissa(format));
  const auto least = static_cast<double>(min_mantissa(format));
  switch (format.kind) {
    case NumberKind::fixed:
    case NumberKind::dynamic_fixed:
      return std::round(mantissa) > most || std::round(mantissa) < least;
    case NumberKind::shift:
      return std::fabs(mantissa) >= 1.5 * most;  // halfway to the next power of two
    case NumberKind::recentralised_shift:
      return mantissa > most || mantissa < least;
    case NumberKind::ternary:
    case NumberKind::binary:
      break;  // one magnitude stands for all
  }
  return false;
}

QuantisedWeights encode_whole(const std::vector<float>& values, const NumberFormat& format, double scale,
                              const ErrorPlace& place) {
  QuantisedWeights result;
  result.weights.format = format;
  result.scale = scale;
  const double unit = std::ldexp(scale, unit_exponent(format));
  double squares = 0.0;
  for (const float value : values) {
    const auto mantissa = value == 0.0F
                              ? zero_mantissa(format, place)
                              : static_cast<std::int32_t>(decode(
                                    format, encode_nearest(format, static_cast<double>(value) / scale)));
    result.weights.mantissas.push_back(mantissa);
    squares += std::pow(value - mantissa * unit, 2);
    add_number(static_cast<double>(value), format, scale, result.tally);
  }
  result.mean_squared_error = values.empty() ? 0.0 : squares / static_cast<double>(values.size());
  return result;
}

}  // namespace

FormatRequest parse_format_request(const std::string& text, const ErrorPlace& place) {
  FormatRequest request;
  request.text = text;
  request.place = place;
  std::string compact = text;
  compact.erase(std::remove(compact.begin(), compact.end(), ' '), compact.end());
  if (const auto format = kind_and_width(compact)) {
    check_width(*format, text, place);
    request.format = *format;
    return request;
  }
  request.format = parse_number_format(text, place);
  request.is_whole = true;
  check_format(request.format, place);
  return request;
}

QuantisedWeights quantise_weights(const std::vector<float>& values, const FormatRequest& request,
                                  std::uint64_t seed) {
  const ErrorPlace& place = request.place;
  if (request.is_whole) {
    return encode_whole(values, request.format, request.scale, place);
  }
  constexpr int widest_fitted_bits = 16;
  if (request.format.is_two_complement() && request.format.width_bits > widest_fitted_bits) {
    double largest = 0.0;
    for (const float value : values) {
      largest = std::max(largest, std::fabs(static_cast<double>(value)));
    }
    return encode_whole(values, activation_format(request, largest), 1.0, place);
  }
  const RepresentedWeights represented = represent_weights(values, representation(request.format, seed));
  QuantisedWeights result;
  result.weights.format = represented.code.format;
  result.scale = represented.code.scale;
  result.mean_squared_error = represented.mean_squared_error;
  result.weights.mantissas.reserve(values.size());
  for (const std::uint16_t code : represented.codes) {
    result.weights.mantissas.push_back(
        code == 0
            ? zero_mantissa(result.weights.format, place)
            : static_cast<std::int32_t>(decode(result.weights.format, represented.code.format_code(code))));
  }
  const double unit = std::ldexp(result.scale, unit_exponent(result.weights.format));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = static_cast<double>(values[i]);
    result.tally.add(value, result.weights.mantissas[i] * unit,
                     clips(value, result.weights.format, result.scale));
  }
  return result;
}

void add_number(double value, const NumberFormat& format, double scale, QuantisationTally& tally) {
  const double held = value == 0.0 ? 0.0 : scale * to_real(format, encode_nearest(format, value / scale));
  tally.add(value, held, clips(value, format, scale));
}

NumberFormat activation_format(const FormatRequest& request, double largest) {
  if (!request.format.is_two_complement()) {
    throw ConfigurationError(request.place, fmt::format("'{}' is no format of activations", request.text),
                             "fixed(width, point) or dynamic_fixed(width, exponent)");
  }
  if (request.is_whole) {
    return request.format;
  }
  const int width = request.format.width_bits;
  if (request.format.kind == NumberKind::fixed) {
    return NumberFormat::fixed(width, std::clamp(integer_bits_for(largest, width), -largest_format_exponent,
                                                 largest_format_exponent));
  }
  // The largest mantissa is 2^(width - 1) - 1.
  const int exponent =
      largest > 0.0 ? static_cast<int>(std::ceil(std::log2(largest / (std::ldexp(1.0, width - 1) - 1.0))))
                    : -(width - 1);
  return NumberFormat::dynamic_fixed(width,
                                     std::clamp(exponent, -largest_format_exponent, largest_format_exponent));
}

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

Applicable applicable_to(const Network& network, const NetworkLayer& layer) {
  switch (layer.kind) {
    case LayerKind::convolution: {
      const bool depthwise = is_depthwise(layer, network.input_of(layer).shape.channels);
      return {true, true, !depthwise, true, !is_pointwise(layer.window)};
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
    case LayerKind::gru:
    case LayerKind::elementwise:
    case LayerKind::multiply:
    case LayerKind::rearrange:
    case LayerKind::pad:
    case LayerKind::log_softmax:
    case LayerKind::local_response_normalization:
    case LayerKind::aggregation:
      break;
  }
  return {};
}

/// What the layer's unit is called in messages.
std::string unit_text(const Network& network, const NetworkLayer& layer) {
  if (layer.kind != LayerKind::convolution) {
    return kind_name(layer.kind);
  }
  return is_depthwise(layer, network.input_of(layer).shape.channels) ? "depthwise convolution"
         : layer.groups > 1                                          ? "convolution in groups"
         : is_pointwise(layer.window)                                ? "pointwise convolution"
                                                                     : "convolution";
}

/// Refuses what would change nothing.
void check_settings(const Network& network, const NetworkLayer& layer, const LayerSettings& own) {
  const Applicable has = applicable_to(network, layer);
  const auto check = [&](bool stated, bool applicable, const char* key) {
    if (stated && !applicable) {
      ErrorPlace place = own.place;
      place.key += std::string(".") + key;
      throw ConfigurationError(
          place, fmt::format("layer '{}': its unit, {}, has none", layer.name, unit_text(network, layer)));
    }
  };
  check(!own.weights.empty(), has.weights, "weights");
  check(own.weight_scale.has_value(), has.weights, "weight_scale");
  check(!own.activations.empty(), has.activations, "activations");
  check(own.unroll_inputs.has_value(), has.inputs, "unroll_inputs");
  check(own.unroll_outputs.has_value(), has.outputs, "unroll_outputs");
  check(own.unroll_kernel.has_value(), has.kernel, "unroll_kernel");
  check(own.keep_ratio.has_value(), has.weights && layer.groups == 1, "keep_ratio");
}

}  // namespace

std::size_t result_layer(const Network& network) {
  std::size_t last = network.layers.size() - 1;
  while (last > 0 && is_softmax(network.layers[last].kind)) {
    last = network.layers[last].inputs.front();
  }
  return last;
}

void check_zeros(const std::vector<float>& values, const LayerHardware& hardware) {
  if (std::find(values.begin(), values.end(), 0.0F) != values.end()) {
    zero_mantissa(hardware.weights.format, hardware.weights.place);
  }
}

std::optional<QuantiserFormat> quantiser_format(const NetworkLayer& layer) {
  const ElementParameters& e = layer.element;
  const bool rounds_down = e.function == ElementFunction::quantise_down;
  if (layer.kind != LayerKind::elementwise || (e.function != ElementFunction::quantise && !rounds_down)) {
    return std::nullopt;
  }
  int exponent = 0;
  const bool is_power = std::frexp(e.step, &exponent) == 0.5;
  const double lower = e.lower.value_or(NAN);
  const double positions = e.upper.value_or(NAN) + 1.0;  // and as many negative ones, if it is signed
  int width = 0;
  const bool is_range = std::frexp(positions, &width) == 0.5 && (lower == 0.0 || lower == -positions);
  // The sign is a bit of its own.
  if (!is_power || !is_range || e.zero_point != 0.0 || width < 2 || width > 32) {
    throw ConfigurationError(
        layer.place,
        fmt::format("'{}': no format of the streaming machine has steps of {} from {} to {} around {}",
                    layer.name, e.step, lower, positions - 1.0, e.zero_point),
        "a step that is a power of two, zero_point 0, and integers from -2^n or 0 to 2^n - 1");
  }
  return QuantiserFormat{NumberFormat::dynamic_fixed(width, exponent - 1), lower == 0.0, rounds_down};
}

std::optional<QuantiserFormat> format_behind(const Network& network, std::size_t position) {
  const std::vector<std::size_t> consumers = network.consumers(position);
  return consumers.size() == 1 ? quantiser_format(network.layers[consumers.front()]) : std::nullopt;
}

bool is_pointwise(const Window& window) {
  return window.height == 1 && window.width == 1 && window.stride_height == 1 && window.stride_width == 1 &&
         window.top + window.bottom + window.left + window.right == 0;
}

bool is_depthwise(const NetworkLayer& layer, std::uint32_t input_channels) {
  return layer.groups > 1 && layer.groups == input_channels && layer.shape.channels == input_channels;
}

bool has_setting(const Network& network, const NetworkLayer& layer, std::string_view key) {
  const Applicable has = applicable_to(network, layer);
  const std::pair<std::string_view, bool> settings[] = {{"weights", has.weights},
                                                        {"activations", has.activations},
                                                        {"weight_scale", has.weights},
                                                        {"unroll_inputs", has.inputs},
                                                        {"unroll_outputs", has.outputs},
                                                        {"unroll_kernel", has.kernel},
                                                        {"keep_ratio", has.weights && layer.groups == 1}};
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
    check_settings(network, network.layers[i], own);
    if (!own.activations.empty() && format_behind(network, i)) {
      throw ConfigurationError(
          own.place,
          fmt::format("activations of layer '{}' are those of the quantise layer behind it", own.layer),
          "no activations here");
    }
    LayerHardware layer;
    layer.place = found == settings.end() ? architecture.place : own.place;
    const std::string& name = network.layers[i].name;
    const auto place_of = [&](bool is_own, const char* key) {
      ErrorPlace place = is_own ? layer.place : architecture.place;
      place.key += fmt::format("{}.{}: layer '{}'", is_own ? "" : ".defaults", key, name);
      return place;
    };
    layer.weights = parse_format_request(first_given(own.weights, defaults.weights, default_format),
                                         place_of(!own.weights.empty(), "weights"));
    if (own.weight_scale && !layer.weights.is_whole) {
      throw ConfigurationError(
          own.place,
          fmt::format("weight_scale of layer '{}': its format is fitted, with its scale", own.layer),
          "a format that is stated whole, such as shift(4, 7)");
    }
    layer.weights.scale = own.weight_scale.value_or(1.0);
    layer.activations =
        parse_format_request(i == result ? first_given(own.activations, result_format, "")
                                         : first_given(own.activations, defaults.activations, default_format),
                             place_of(!own.activations.empty(), "activations"));
    layer.unroll = {own.unroll_inputs, own.unroll_outputs, own.unroll_kernel};
    layer.fifo_depth = first_given(own.fifo_depth_pixels, defaults.fifo_depth_pixels);
    layer.keep_ratio = first_given(own.keep_ratio, defaults.keep_ratio);
    hardware.push_back(layer);
  }
  return hardware;
}

}  // namespace lacuna::tomato
