#include "sim/tomato/lower.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "sim/tomato/channel_pruning.h"
#include "sim/tomato/fold_scale.h"
#include "sim/tomato/pipeline_builder.h"

namespace lacuna::tomato {
namespace {

constexpr double relu6_limit = 6.0;

/// A layer's output while the pipeline is put together.
struct LayerEnd {
  std::vector<Tail> tails;  ///< one for each consumer that has not come yet
  NumberFormat format;
  TensorShape map;          ///< before a flatten: what the stream carries
  FlattenOrder order = FlattenOrder::hwc;
  std::optional<Tail> gate;  ///< of its channels, for one consumer
};

bool is_depthwise(const NetworkLayer& layer, const TensorShape& input) {
  return layer.groups > 1 && layer.groups == input.channels && layer.shape.channels == input.channels;
}

/// Weights [output][height, width, channel] from [output][channel, height, width].
std::vector<float> from_channels_first(const std::vector<float>& values, std::size_t outputs, const TensorShape& map) {
  std::vector<float> result(values.size());
  const std::size_t length = map.elements();
  for (std::size_t output = 0; output < outputs; ++output) {
    for (std::size_t pixel = 0; pixel < map.pixels(); ++pixel) {
      for (std::size_t channel = 0; channel < map.channels; ++channel) {
        result[output * length + pixel * map.channels + channel] =
            values[output * length + channel * map.pixels() + pixel];
      }
    }
  }
  return result;
}

class Lowering {
 public:
  Lowering(const Network& network, const std::vector<LayerHardware>& hardware, const LoweringOptions& options)
      : network_(network), hardware_(hardware), options_(options), builder_(network.name), ends_(network.layers.size()) {
    lowered_.weight_errors.resize(network.layers.size());
  }

  LoweredNetwork run() {
    for (std::size_t i = 0; i < network_.layers.size(); ++i) {
      lower_layer(i);
    }
    lowered_.pipeline = builder_.take_pipeline();
    lowered_.fixed = builder_.take_fixed();
    return std::move(lowered_);
  }

 private:
  const NetworkLayer& layer(std::size_t position) const { return network_.layers[position]; }
  std::uint32_t depth(std::size_t position) const {
    return hardware_[position].fifo_depth.value_or(options_.fifo_depth);
  }
  [[noreturn]] void refuse(std::size_t position, const std::string& wrong, const std::string& allowed) const {
    throw ConfigurationError(layer(position).place, wrong, allowed);
  }

  void lower_layer(std::size_t position) {
    switch (layer(position).kind) {
      case LayerKind::input:
        lower_input(position);
        break;
      case LayerKind::convolution:
        lower_convolution(position);
        break;
      case LayerKind::fully_connected:
        lower_fully_connected(position);
        break;
      case LayerKind::max_pooling:
      case LayerKind::average_pooling:
        lower_pooling(position);
        break;
      case LayerKind::global_average_pooling:
        lower_global_pooling(position);
        break;
      case LayerKind::relu:
      case LayerKind::relu6:
      case LayerKind::batch_normalization:
        lower_elementwise(position);
        break;
      case LayerKind::add:
      case LayerKind::concat:
        lower_join(position);
        break;
      case LayerKind::flatten:
        lower_flatten(position);
        break;
      case LayerKind::softmax:
        lower_softmax(position);
        break;
      case LayerKind::lstm:
        refuse(position, "the streaming machine has no LSTM", "convolutional networks");
    }
  }

  /// The next output of a layer that nothing has taken yet.
  Tail take(std::size_t position) {
    Tail tail = ends_[position].tails.back();
    ends_[position].tails.pop_back();
    return tail;
  }
  const LayerEnd& input_end(std::size_t position, std::size_t number = 0) const {
    return ends_[layer(position).inputs[number]];
  }
  Tail take_input(std::size_t position, std::size_t number = 0) { return take(layer(position).inputs[number]); }

  /// The layers that take a layer's values in the machine; the host's softmax takes those of the sink.
  std::size_t consumer_count(std::size_t position) const {
    const std::vector<std::size_t> all = network_.consumers(position);
    return static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [&](std::size_t i) { return layer(i).kind != LayerKind::softmax; }));
  }

  void finish(std::size_t position, const Tail& tail, const NumberFormat& format, const TensorShape& map,
              FlattenOrder order = FlattenOrder::hwc) {
    const std::size_t consumers = consumer_count(position);
    LayerEnd& end = ends_[position];
    end.format = format;
    end.map = map;
    end.order = order;
    if (consumers == 0) {
      const std::size_t sink = builder_.add(UnitKind::sink, layer(position).name, "sink");
      builder_.connect(tail, sink, 0, depth(position));
      return;
    }
    end.tails = builder_.split(tail, consumers, layer(position).name, "fork", depth(position));
    std::reverse(end.tails.begin(), end.tails.end());
  }

  NumberFormat output_format(std::size_t position) const {
    const double largest = options_.largest.empty() ? 0.0 : options_.largest[position];
    return activation_format(hardware_[position].activations, largest, hardware_[position].place);
  }

  void lower_input(std::size_t position) {
    const std::size_t source = builder_.add(UnitKind::source, layer(position).name, "");
    const TensorShape& shape = layer(position).shape;
    builder_.unit(source).map = {shape.height, shape.width, shape.channels};
    builder_.unit(source).format = output_format(position);
    finish(position, {source, 0}, builder_.unit(source).format, shape);
  }

  Tail add_window(std::size_t position, const Tail& from, Padding padding) {
    const Window& w = layer(position).window;
    const TensorShape& map = input_end(position).map;
    const TensorShape& out = layer(position).shape;
    const std::size_t window = builder_.add(UnitKind::window, layer(position).name, "window");
    WindowShape& shape = builder_.unit(window).window;
    // Room for the rows of pixels that come while the windows of one row are worked on (contract, section 4).
    shape = {w.height, w.width, w.stride, w.top, w.bottom, w.left, w.right, padding, w.stride - 1};
    // Ceil mode: a last window that hangs over the edge reads padding beyond the stated one.
    const auto beyond = [&](std::uint32_t outputs, std::uint32_t kernel, std::uint32_t before, std::uint32_t size) {
      const std::uint64_t reach = std::uint64_t{outputs - 1} * w.stride + kernel;
      return static_cast<std::uint32_t>(reach > std::uint64_t{before} + size ? reach - before - size : 0);
    };
    shape.pad_bottom = beyond(out.height, w.height, w.top, map.height);
    shape.pad_right = beyond(out.width, w.width, w.left, map.width);
    builder_.connect(from, window, 0, options_.fifo_depth);
    return {window, 0};
  }

  /// Scale, offset and rectifier behind a unit whose values have the unit exponent `exponent`.
  void add_requantisation(std::size_t position, const Tail& from, int exponent, const std::vector<double>& factor,
                          const std::vector<double>& summand, Activation activation, const TensorShape& map) {
    finish(position, requantised(position, from, exponent, factor, summand, activation, output_format(position), "requantise"),
           output_format(position), map);
  }

  Tail requantised(std::size_t position, const Tail& from, int exponent, const std::vector<double>& factor,
                   const std::vector<double>& summand, Activation activation, const NumberFormat& format,
                   const std::string& suffix) {
    const std::size_t unit = builder_.add(UnitKind::requantise, layer(position).name, suffix);
    Affine affine{factor, summand};
    const int out = unit_exponent(format);
    std::for_each(affine.factor.begin(), affine.factor.end(), [&](double& f) { f = std::ldexp(f, exponent - out); });
    std::for_each(affine.summand.begin(), affine.summand.end(), [&](double& s) { s = std::ldexp(s, -out); });
    Requantisation& r = builder_.unit(unit).requantisation;
    r = options_.with_values ? fold(affine, format, hardware_[position].place) : Requantisation{};
    r.format = format;
    r.relu = activation != Activation::none;
    r.maximum = activation == Activation::relu6 ? rectifier_maximum(format, relu6_limit) : 0;
    builder_.connect(from, unit, 0, options_.fifo_depth);
    return {unit, 0};
  }

  std::vector<double> bias_of(std::size_t position) const {
    if (!options_.with_values || layer(position).weights->bias.empty()) {
      return {0.0};
    }
    return {layer(position).weights->bias.begin(), layer(position).weights->bias.end()};
  }

  /// Weights in the layer's format; returns their scale.
  double set_weights(std::size_t position, std::size_t unit, const std::vector<float>& values) {
    QuantisedWeights quantised = quantise_weights(values, hardware_[position].weights, options_.seed + position,
                                                  hardware_[position].place);
    lowered_.weight_errors[position] = quantised.mean_squared_error;
    builder_.unit(unit).weights = std::move(quantised.weights);
    return quantised.scale;
  }
  double set_weights(std::size_t position, std::size_t unit) {
    if (!options_.with_values) {
      builder_.unit(unit).weights.format = hardware_[position].weights.format;
      return 1.0;
    }
    const LayerEnd& in = input_end(position);
    const std::vector<float>& values = layer(position).weights->values;
    const bool reorder = layer(position).kind == LayerKind::fully_connected && in.order == FlattenOrder::chw;
    return set_weights(position, unit, reorder ? from_channels_first(values, layer(position).outputs(), in.map) : values);
  }

  UnitKind convolution_kind(std::size_t position) const {
    const NetworkLayer& conv = layer(position);
    const TensorShape& map = input_end(position).map;
    if (is_depthwise(conv, map)) {
      return UnitKind::depthwise;
    }
    if (conv.groups > 1) {
      refuse(position, fmt::format("{} groups of {} channels", conv.groups, map.channels),
             "one group, or depthwise: as many groups as channels and outputs");
    }
    const bool single = conv.window.height == 1 && conv.window.width == 1 && conv.window.stride == 1 &&
                        conv.window.top + conv.window.bottom + conv.window.left + conv.window.right == 0;
    return single ? UnitKind::pointwise : UnitKind::convolution;
  }

  void lower_convolution(std::size_t position) {
    const UnitKind kind = convolution_kind(position);
    lower_weighted(position, kind, kind != UnitKind::pointwise);
  }
  void lower_fully_connected(std::size_t position) { lower_weighted(position, UnitKind::fully_connected, false); }

  void lower_weighted(std::size_t position, UnitKind kind, bool with_window) {
    Tail data = take_input(position);
    const LayerEnd& in = input_end(position);
    std::optional<PruningGate> pruning;
    if (hardware_[position].keep_ratio && kind != UnitKind::depthwise) {
      pruning = add_pruning(position, kind, data);
      data = pruning->data;
    }
    if (with_window) {
      data = add_window(position, data, Padding::zero);
    }
    const std::size_t engine = builder_.add(kind, layer(position).name, "", hardware_[position].unroll);
    builder_.unit(engine).output_channels = layer(position).outputs();
    const double scale = set_weights(position, engine);
    builder_.connect(data, engine, 0, options_.fifo_depth);
    connect_gates(position, engine, kind, pruning);
    const int exponent = unit_exponent(in.format) + unit_exponent(builder_.unit(engine).weights.format);
    const Tail out = requantised(position, {engine, 0}, exponent, {scale}, bias_of(position), layer(position).activation,
                           output_format(position), "requantise");
    const TensorShape map = layer(position).shape;
    finish(position, out, output_format(position), map);
    if (pruning) {
      ends_[position].gate = pruning->next;
    }
  }

  void connect_gates(std::size_t position, std::size_t engine, UnitKind kind, const std::optional<PruningGate>& pruning) {
    std::uint32_t input = 1;
    if (pruning) {
      builder_.unit(engine).output_gate = true;
      builder_.connect(pruning->engine, engine, input++, options_.fifo_depth);
    }
    std::optional<Tail>& gate = ends_[layer(position).inputs.front()].gate;
    if (gate && kind != UnitKind::depthwise) {
      builder_.unit(engine).input_gate = true;
      builder_.connect(*gate, engine, input, options_.fifo_depth);
      gate.reset();
    }
  }

  /// Whether the only consumer of a layer's channels, pools apart, can skip closed input channels.
  bool next_takes_gate(std::size_t position) const {
    for (;;) {
      const std::vector<std::size_t> next = network_.consumers(position);
      if (next.size() != 1) {
        return false;
      }
      position = next.front();
      const LayerKind kind = layer(position).kind;
      if (kind == LayerKind::convolution || kind == LayerKind::fully_connected) {
        return layer(position).groups == 1;
      }
      if (kind != LayerKind::max_pooling && kind != LayerKind::flatten) {
        return false;
      }
    }
  }

  PruningGate add_pruning(std::size_t position, UnitKind kind, const Tail& data) {
    if (!next_takes_gate(position)) {
      refuse(position, "a layer whose channels are pruned needs a next one that can leave its inputs out",
             "convolution or fully connected behind it, with nothing but max pooling and flatten between");
    }
    PruningRequest request;
    request.layer = &layer(position);
    request.input = input_end(position).map;
    request.input_format = input_end(position).format;
    request.is_fully_connected = kind == UnitKind::fully_connected;
    request.keep_ratio = *hardware_[position].keep_ratio;
    request.with_values = options_.with_values;
    request.fifo_depth = options_.fifo_depth;
    request.place = hardware_[position].place;
    return add_channel_pruning(builder_, data, request);
  }

  void lower_pooling(std::size_t position) {
    const bool average = layer(position).kind == LayerKind::average_pooling;
    const Window& w = layer(position).window;
    const LayerEnd& in = input_end(position);
    const Tail window = add_window(position, take_input(position), average ? Padding::zero : Padding::lowest);
    const WindowShape& shape = builder_.unit(window.unit).window;
    const bool padded = shape.pad_top + shape.pad_bottom + shape.pad_left + shape.pad_right > 0;
    if (average && padded && !layer(position).count_padding) {
      refuse(position, "the machine divides averages by the whole window", "count_padding: true, or no padding");
    }
    const std::size_t pool = builder_.add(average ? UnitKind::sum_pool : UnitKind::max_pool, layer(position).name, "",
                                          hardware_[position].unroll);
    builder_.connect(window, pool, 0, options_.fifo_depth);
    if (average) {
      add_requantisation(position, {pool, 0}, unit_exponent(in.format), {1.0 / (double{1} * w.height * w.width)}, {0.0},
                         Activation::none, layer(position).shape);
      return;
    }
    const auto gate = in.gate;
    finish(position, {pool, 0}, in.format, layer(position).shape);
    ends_[position].gate = gate;
  }

  void lower_global_pooling(std::size_t position) {
    const LayerEnd& in = input_end(position);
    const std::size_t pool =
        builder_.add(UnitKind::global_sum_pool, layer(position).name, "", hardware_[position].unroll);
    builder_.connect(take_input(position), pool, 0, options_.fifo_depth);
    add_requantisation(position, {pool, 0}, unit_exponent(in.format), {1.0 / static_cast<double>(in.map.pixels())}, {0.0},
                       Activation::none, layer(position).shape);
  }

  void lower_elementwise(std::size_t position) {
    const NetworkLayer& own = layer(position);
    std::vector<double> factor{1.0};
    std::vector<double> summand{0.0};
    if (own.kind == LayerKind::batch_normalization && options_.with_values) {
      factor.assign(own.weights->scale.begin(), own.weights->scale.end());
      summand.assign(own.weights->offset.begin(), own.weights->offset.end());
    }
    const Activation activation = own.kind == LayerKind::relu    ? Activation::relu
                                  : own.kind == LayerKind::relu6 ? Activation::relu6
                                                                 : own.activation;
    add_requantisation(position, take_input(position), unit_exponent(input_end(position).format), factor, summand,
                       activation, own.shape);
  }

  /// All inputs of a concat in the format with the coarsest unit among them; an add aligns them itself.
  NumberFormat join_format(std::size_t position) const {
    NumberFormat format = input_end(position).format;
    for (std::size_t i = 1; i < layer(position).inputs.size(); ++i) {
      const NumberFormat& other = input_end(position, i).format;
      format = unit_exponent(other) > unit_exponent(format) ? other : format;
    }
    return format;
  }

  void lower_join(std::size_t position) {
    const bool adds = layer(position).kind == LayerKind::add;
    if (adds && layer(position).inputs.size() != 2) {
      refuse(position, "an adder has two inputs", "chains of adds of two");
    }
    const NumberFormat format = join_format(position);
    std::vector<Tail> tails;
    int exponent = unit_exponent(format);
    for (std::size_t i = 0; i < layer(position).inputs.size(); ++i) {
      const LayerEnd& in = input_end(position, i);
      Tail tail = take_input(position, i);
      exponent = std::min(exponent, unit_exponent(in.format));
      if (!adds && unit_exponent(in.format) != unit_exponent(format)) {
        tail = requantised(position, tail, unit_exponent(in.format), {1.0}, {0.0}, Activation::none, format,
                           fmt::format("align{}", i));
      }
      tails.push_back(tail);
    }
    const std::size_t join = builder_.add(adds ? UnitKind::add : UnitKind::concat, layer(position).name, "",
                                          adds ? hardware_[position].unroll : FixedUnroll{});
    for (std::size_t i = 0; i < tails.size(); ++i) {
      builder_.connect(tails[i], join, static_cast<std::uint32_t>(i), depth(position));
    }
    if (!adds) {
      finish(position, {join, 0}, format, layer(position).shape);
      return;
    }
    add_requantisation(position, {join, 0}, exponent, {1.0}, {0.0}, layer(position).activation, layer(position).shape);
  }

  void lower_flatten(std::size_t position) {
    const LayerEnd in = input_end(position);
    const auto gate = in.gate;
    finish(position, take_input(position), in.format, in.map, layer(position).order);
    ends_[position].gate = gate;
  }

  void lower_softmax(std::size_t position) {
    if (!network_.consumers(position).empty()) {
      refuse(position, "softmax is the host's work", "as the last layer");
    }
  }

  const Network& network_;
  const std::vector<LayerHardware>& hardware_;
  const LoweringOptions& options_;
  PipelineBuilder builder_;
  std::vector<LayerEnd> ends_;
  LoweredNetwork lowered_;
};

}  // namespace

LoweredNetwork lower(const Network& network, const std::vector<LayerHardware>& hardware,
                     const LoweringOptions& options) {
  return Lowering(network, hardware, options).run();
}

}  // namespace lacuna::tomato
