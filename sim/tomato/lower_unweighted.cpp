#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "sim/network/window_pixels.h"
#include "sim/tomato/lowering.h"

namespace lacuna::tomato {
namespace {

/// All inputs of a concat in the format with the coarsest unit among them; an add aligns them itself.
NumberFormat coarsest_input_format(const Lowering& lowering, std::size_t position) {
  NumberFormat format = lowering.input_end(position).format;
  for (std::size_t i = 1; i < lowering.layer(position).inputs.size(); ++i) {
    const NumberFormat& other = lowering.input_end(position, i).format;
    format = unit_exponent(other) > unit_exponent(format) ? other : format;
  }
  return format;
}

void connect_join(Lowering& lowering, std::size_t position, const std::vector<Tail>& tails,
                  std::size_t join) {
  for (std::size_t i = 0; i < tails.size(); ++i) {
    lowering.builder().connect(tails[i], join, static_cast<std::uint32_t>(i), lowering.fifo_depth(position));
  }
}

void lower_add(Lowering& lowering, std::size_t position) {
  if (lowering.layer(position).inputs.size() != 2) {
    lowering.refuse(position, "an adder has two inputs", "chains of adds of two");
  }
  const std::vector<Tail> tails = {lowering.take_input(position, 0), lowering.take_input(position, 1)};
  const int exponent = std::min(unit_exponent(lowering.input_end(position, 0).format),
                                unit_exponent(lowering.input_end(position, 1).format));
  const NetworkLayer& layer = lowering.layer(position);
  const std::size_t join =
      lowering.builder().add(UnitKind::add, layer.name, "", lowering.hardware(position).unroll);
  connect_join(lowering, position, tails, join);
  lowering.finish_requantised(position, {join, 0}, exponent, {{1.0}, {0.0}, layer.activation});
  lowering.stay_string(position);
}

void lower_concat(Lowering& lowering, std::size_t position) {
  const NumberFormat format = coarsest_input_format(lowering, position);
  const NetworkLayer& layer = lowering.layer(position);
  std::vector<Tail> tails;
  for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
    const int exponent = unit_exponent(lowering.input_end(position, i).format);
    Tail tail = lowering.take_input(position, i);
    if (exponent != unit_exponent(format)) {
      tail = lowering.requantised(position, tail, exponent, {}, format, fmt::format("align{}", i));
    }
    tails.push_back(tail);
  }
  const std::size_t join = lowering.builder().add(UnitKind::concat, layer.name, "");
  connect_join(lowering, position, tails, join);
  lowering.finish(position, {join, 0}, format, layer.shape);
}

}  // namespace

void lower_pooling(Lowering& lowering, std::size_t position) {
  const NetworkLayer& layer = lowering.layer(position);
  const bool average = layer.kind == LayerKind::average_pooling;
  const NumberFormat format = lowering.input_end(position).format;
  const Tail window =
      lowering.add_window(position, lowering.take_input(position), average ? Padding::zero : Padding::lowest);
  const WindowShape& shape = lowering.builder().unit(window.unit).window;
  const bool padded = shape.pad_top + shape.pad_bottom + shape.pad_left + shape.pad_right > 0;
  if (average && padded && !layer.count_padding) {
    lowering.refuse(position, "the machine divides averages by the whole window",
                    "count_padding: true, or no padding");
  }
  const Tail pool =
      lowering.behind(window, lowering.builder().add(average ? UnitKind::sum_pool : UnitKind::max_pool,
                                                     layer.name, "", lowering.hardware(position).unroll));
  if (average) {
    const double size = double{1} * layer.window.height * layer.window.width;
    lowering.finish_requantised(position, pool, unit_exponent(format), {{1.0 / size}});
    return;
  }
  lowering.finish(position, pool, format, layer.shape);
  lowering.set_gate(position, lowering.input_gate(position));
}

void lower_global_pooling(Lowering& lowering, std::size_t position) {
  const LayerEnd& in = lowering.input_end(position);
  const std::size_t pool = lowering.builder().add(UnitKind::global_sum_pool, lowering.layer(position).name,
                                                  "", lowering.hardware(position).unroll);
  lowering.behind(lowering.take_input(position), pool);
  lowering.finish_requantised(position, {pool, 0}, unit_exponent(in.format),
                              {{1.0 / static_cast<double>(in.map.pixels())}});
}

void lower_elementwise(Lowering& lowering, std::size_t position) {
  const NetworkLayer& layer = lowering.layer(position);
  Rescaling rescaling;
  if (layer.kind == LayerKind::batch_normalization && lowering.options().with_values) {
    rescaling.factor.assign(layer.weights->scale.begin(), layer.weights->scale.end());
    rescaling.summand.assign(layer.weights->offset.begin(), layer.weights->offset.end());
  }
  rescaling.activation = layer.kind == LayerKind::relu    ? Activation::relu
                         : layer.kind == LayerKind::relu6 ? Activation::relu6
                                                          : layer.activation;
  const Tail input = lowering.take_input(position);
  lowering.finish_requantised(position, input, unit_exponent(lowering.input_end(position).format), rescaling);
  lowering.stay_string(position);
}

void lower_join(Lowering& lowering, std::size_t position) {
  if (lowering.layer(position).kind == LayerKind::add) {
    lower_add(lowering, position);
  } else {
    lower_concat(lowering, position);
  }
}

namespace {

void lower_input(Lowering& lowering, std::size_t position) {
  const NetworkLayer& layer = lowering.layer(position);
  const std::size_t source = lowering.builder().add(UnitKind::source, layer.name, "");
  Unit& unit = lowering.builder().unit(source);
  unit.map = {layer.shape.height, layer.shape.width, layer.shape.channels};
  unit.format = lowering.output_format(position);
  const NumberFormat format = unit.format;
  lowering.finish(position, {source, 0}, format, layer.shape);
}

void lower_flatten(Lowering& lowering, std::size_t position) {
  const LayerEnd& in = lowering.input_end(position);
  const std::optional<Tail> gate = lowering.input_gate(position);
  const FlattenOrder order = lowering.is_string(position) ? in.order : lowering.layer(position).order;
  lowering.finish(position, lowering.take_input(position), in.format, in.map, order);
  lowering.set_gate(position, gate);
}

void lower_softmax(const Lowering& lowering, std::size_t position) {
  if (!lowering.network().consumers(position).empty()) {
    lowering.refuse(position, "softmax is the host's work", "as the last layer");
  }
}

/// Nothing is left to do where the layer before has the format already.
void lower_quantiser(Lowering& lowering, std::size_t position) {
  const NetworkLayer& layer = lowering.layer(position);
  const std::optional<QuantiserFormat> quantiser = quantiser_format(layer);
  if (!quantiser) {
    lowering.refuse(
        position,
        fmt::format("the streaming machine has no unit for {}", function_name(layer.element.function)),
        "relu, relu6 or quantise; or the other machine, whose host computes it");
  }
  const LayerEnd& in = lowering.input_end(position);
  if (lowering.is_quantised(layer.inputs.front())) {
    lowering.finish(position, lowering.take_input(position), in.format, in.map, in.order);
  } else {
    lower_elementwise(lowering, position);
  }
}

/// The channel of its own pixel that each channel of a pixel is; nothing where a pixel takes from another or
/// pixels differ.
std::optional<std::vector<std::uint32_t>> chosen_channels(const NetworkLayer& layer,
                                                          const TensorShape& input) {
  if (layer.shape.height != input.height || layer.shape.width != input.width) {
    return std::nullopt;
  }
  const std::size_t channels = layer.shape.channels;
  std::vector<std::uint32_t> chosen;
  RearrangedPositions positions(layer.rearrangement);
  for (std::size_t element = 0; element < layer.shape.elements(); ++element) {
    const std::int64_t channel =
        positions.next() - static_cast<std::int64_t>(element / channels * input.channels);
    if (channel < 0 || channel >= input.channels ||
        (element >= channels && channel != chosen[element % channels])) {
      return std::nullopt;
    }
    if (element < channels) {
      chosen.push_back(static_cast<std::uint32_t>(channel));
    }
  }
  return chosen;
}

void lower_rearrange(Lowering& lowering, std::size_t position) {
  const NetworkLayer& layer = lowering.layer(position);
  const LayerEnd& in = lowering.input_end(position);
  const std::optional<std::vector<std::uint32_t>> channels = chosen_channels(layer, in.map);
  if (!channels) {
    lowering.refuse(
        position, "the streaming machine moves nothing from pixel to pixel",
        "channels of the same pixel, the same for all pixels: slices, splits and shuffles of channels");
  }
  const std::size_t unit = lowering.builder().add(UnitKind::select, layer.name, "");
  lowering.builder().unit(unit).selected = *channels;
  const Tail end = lowering.behind(lowering.take_input(position), unit);
  lowering.finish(position, end, in.format, layer.shape);
}

/// Of a flattened map of several pixels the stream knows pixels and channels, not the string: refuses what
/// would take the one for the other.
void check_strings(const Lowering& lowering, std::size_t position) {
  const NetworkLayer& layer = lowering.layer(position);
  const LayerKind kind = layer.kind;
  const bool any_order = kind == LayerKind::fully_connected || kind == LayerKind::relu ||
                         kind == LayerKind::relu6 || kind == LayerKind::elementwise ||
                         kind == LayerKind::flatten || is_softmax(kind);
  for (std::size_t i = 0; i < layer.inputs.size() && !any_order; ++i) {
    const LayerEnd& in = lowering.input_end(position, i);
    const LayerEnd& first = lowering.input_end(position);
    const bool same = in.map == first.map && in.order == first.order;
    if (kind == LayerKind::add ? !same && (lowering.is_string(position, i) || lowering.is_string(position))
                               : lowering.is_string(position, i)) {
      lowering.refuse(
          position,
          fmt::format("takes a flattened map of {} x {} pixels, which the stream carries pixel by pixel",
                      in.map.height, in.map.width),
          "behind flatten: fully connected, relu, relu6, quantise, softmax, and add of two strings of "
          "one order");
    }
  }
}

void lower_layer(Lowering& lowering, std::size_t position) {
  check_strings(lowering, position);
  switch (lowering.layer(position).kind) {
    case LayerKind::input:
      return lower_input(lowering, position);
    case LayerKind::convolution:
    case LayerKind::fully_connected:
      return lower_weighted(lowering, position);
    case LayerKind::max_pooling:
    case LayerKind::average_pooling:
      return lower_pooling(lowering, position);
    case LayerKind::global_average_pooling:
      return lower_global_pooling(lowering, position);
    case LayerKind::relu:
    case LayerKind::relu6:
    case LayerKind::batch_normalization:
      return lower_elementwise(lowering, position);
    case LayerKind::add:
    case LayerKind::concat:
      return lower_join(lowering, position);
    case LayerKind::flatten:
      return lower_flatten(lowering, position);
    case LayerKind::softmax:
    case LayerKind::log_softmax:
      return lower_softmax(lowering, position);
    case LayerKind::lstm:
    case LayerKind::gru:
      lowering.refuse(position, "the streaming machine has no recurrent cells", "convolutional networks");
    case LayerKind::elementwise:
      return lower_quantiser(lowering, position);
    case LayerKind::rearrange:
      return lower_rearrange(lowering, position);
    case LayerKind::aggregation:
    case LayerKind::multiply:
    case LayerKind::pad:
    case LayerKind::local_response_normalization:
      lowering.refuse(
          position,
          fmt::format("the streaming machine has no unit for {}", kind_name(lowering.layer(position).kind)),
          "the other machine, whose host does it");
  }
}

}  // namespace

LoweredNetwork lower(const Network& network, const std::vector<LayerHardware>& hardware,
                     const LoweringOptions& options) {
  Lowering lowering(network, hardware, options);
  for (std::size_t position = 0; position < network.layers.size(); ++position) {
    lower_layer(lowering, position);
  }
  return lowering.take_result();
}

}  // namespace lacuna::tomato
