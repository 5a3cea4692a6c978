#include "sim/tomato/lowering.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace lacuna::tomato {
namespace {

constexpr double largest_integer = 32767.0;
constexpr int most_shift = 62;
constexpr int most_offset_shift = 45;

double largest_magnitude(const std::vector<double>& values) {
  double largest = 0.0;
  for (const double value : values) {
    largest = std::max(largest, std::abs(value));
  }
  return largest;
}

/// Fewest bits to the right (at least 0) after which `value` fits 16 bits.
int shift_to_fit(double value) {
  int shift = 0;
  while (std::round(std::ldexp(value, -shift)) > largest_integer) {
    ++shift;
  }
  return shift;
}

std::vector<std::int32_t> scaled(const std::vector<double>& values, int exponent) {
  std::vector<std::int32_t> integers;
  integers.reserve(values.size());
  for (const double value : values) {
    integers.push_back(static_cast<std::int32_t>(std::lround(std::ldexp(value, exponent))));
  }
  return integers;
}

}  // namespace

Requantisation fold(const Affine& affine, const NumberFormat& format, const ErrorPlace& place) {
  const double factor = largest_magnitude(affine.factor);
  const double summand = largest_magnitude(affine.summand);
  if (!(factor <= largest_integer) || !std::isfinite(summand)) {
    throw ConfigurationError(place, fmt::format("a scale of {:g} does not fit 16 bits", factor),
                             "formats whose units lie nearer to each other");
  }
  int shift = most_shift;
  while (shift > 0 && (std::round(std::ldexp(factor, shift)) > largest_integer ||
                       shift_to_fit(std::ldexp(summand, shift)) > most_offset_shift)) {
    --shift;
  }
  Requantisation result;
  result.format = format;
  result.shift = static_cast<std::uint32_t>(shift);
  result.offset_shift = static_cast<std::uint32_t>(shift_to_fit(std::ldexp(summand, shift)));
  result.scale = scaled(affine.factor, shift);
  result.offset = scaled(affine.summand, shift - static_cast<int>(result.offset_shift));
  return result;
}

std::optional<std::int64_t> rectifier_maximum(const NumberFormat& format, double limit) {
  const double mantissa = std::ldexp(limit, -unit_exponent(format));
  if (mantissa >= static_cast<double>(max_mantissa(format))) {
    return std::nullopt;
  }
  return std::llround(mantissa);
}

std::size_t PipelineBuilder::add(UnitKind kind, const std::string& layer, const std::string& suffix,
                                 const FixedUnroll& fixed) {
  Unit unit;
  unit.kind = kind;
  unit.layer = layer;
  unit.name = suffix.empty() ? layer : layer + "." + suffix;
  pipeline_.units.push_back(std::move(unit));
  fixed_.push_back(fixed);
  return pipeline_.units.size() - 1;
}

void PipelineBuilder::connect(const Tail& from, std::size_t to, std::uint32_t input, std::uint32_t depth) {
  pipeline_.edges.push_back({from.unit, from.output, to, input, depth});
}

std::vector<Tail> PipelineBuilder::split(const Tail& tail, std::size_t count, const std::string& layer,
                                         const std::string& suffix, std::uint32_t depth) {
  if (count <= 1) {
    return {tail};
  }
  const std::size_t fork = add(UnitKind::fork, layer, suffix);
  connect(tail, fork, 0, depth);
  std::vector<Tail> tails;
  for (std::size_t i = 0; i < count; ++i) {
    tails.push_back({fork, static_cast<std::uint32_t>(i)});
  }
  return tails;
}

namespace {

constexpr double relu6_limit = 6.0;

/// Padding that a dimension's windows read behind the map. Ceil mode: a last window that hangs over the edge
/// reads padding beyond the stated one.
std::uint32_t padding_behind(std::uint32_t outputs, std::uint32_t kernel, std::uint32_t stride,
                             std::uint32_t before, std::uint32_t size) {
  const std::uint64_t reach = std::uint64_t{outputs - 1} * stride + kernel;
  return static_cast<std::uint32_t>(reach > std::uint64_t{before} + size ? reach - before - size : 0);
}

}  // namespace

Lowering::Lowering(const Network& network, const std::vector<LayerHardware>& hardware,
                   const LoweringOptions& options)
    : network_(network),
      hardware_(hardware),
      options_(options),
      builder_(network.name),
      ends_(network.layers.size()),
      is_quantised_(network.layers.size(), false) {
  lowered_.weight_errors.resize(network.layers.size());
  lowered_.weights.resize(network.layers.size());
  lowered_.results.resize(network.layers.size());
}

LoweredNetwork Lowering::take_result() {
  lowered_.pipeline = builder_.take_pipeline();
  lowered_.fixed = builder_.take_fixed();
  return std::move(lowered_);
}

void Lowering::refuse(std::size_t position, const std::string& wrong, const std::string& allowed) const {
  throw ConfigurationError(layer(position).place, fmt::format("layer '{}': {}", layer(position).name, wrong),
                           allowed);
}

std::uint32_t Lowering::fifo_depth(std::size_t position) const {
  return hardware_[position].fifo_depth.value_or(options_.fifo_depth);
}

NumberFormat Lowering::output_format(std::size_t position) const {
  const double largest = options_.largest.outputs.empty() ? 0.0 : options_.largest.outputs[position];
  return activation_format(hardware_[position].activations, largest);
}

NumberFormat Lowering::coarse_enough(NumberFormat format, int exponent, double factor) {
  // Results that are all zero, or sums that nearly cancel, ask for no more than this.
  constexpr int most_gain = 14;
  int magnitude = 0;
  std::frexp(factor, &magnitude);
  const int coarser = std::max(exponent + magnitude - most_gain - unit_exponent(format), 0);
  (format.kind == NumberKind::fixed ? format.point : format.exponent) += coarser;
  return format;
}

NumberFormat Lowering::output_format(std::size_t position, int exponent, double factor) const {
  const NumberFormat format = output_format(position);
  if (hardware_[position].activations.is_whole || !options_.with_values) {
    return format;
  }
  return coarse_enough(format, exponent, factor);
}

Tail Lowering::take_input(std::size_t position, std::size_t number) {
  std::vector<Tail>& tails = ends_[layer(position).inputs[number]].tails;
  const Tail tail = tails.back();
  tails.pop_back();
  return tail;
}

std::optional<Tail> Lowering::take_input_gate(std::size_t position) {
  return std::exchange(ends_[layer(position).inputs.front()].gate, std::nullopt);
}

Tail Lowering::behind(const Tail& from, std::size_t unit) {
  builder_.connect(from, unit, 0, options_.fifo_depth);
  return {unit, 0};
}

Tail Lowering::add_window(std::size_t position, const Tail& from, Padding padding) {
  const Window& w = layer(position).window;
  const TensorShape& map = input_end(position).map;
  const TensorShape& out = layer(position).shape;
  if (w.stride_height != w.stride_width) {
    refuse(position, fmt::format("strides of {} and {}", w.stride_height, w.stride_width),
           "one stride for both directions on the streaming machine");
  }
  const std::size_t window = builder_.add(UnitKind::window, layer(position).name, "window");
  WindowShape& shape = builder_.unit(window).window;
  // Room for the rows of pixels that come while the windows of one row are worked on (contract, section 4).
  shape = {w.height, w.width, w.stride_height,    w.top, w.bottom, w.left,
           w.right,  padding, w.stride_height - 1};
  shape.pad_bottom = padding_behind(out.height, w.height, w.stride_height, w.top, map.height);
  shape.pad_right = padding_behind(out.width, w.width, w.stride_width, w.left, map.width);
  return behind(from, window);
}

Tail Lowering::requantised(std::size_t position, const Tail& from, int exponent, const Rescaling& rescaling,
                           const NumberFormat& format, const std::string& suffix) {
  const std::size_t unit = builder_.add(UnitKind::requantise, layer(position).name, suffix);
  Affine affine{rescaling.factor, rescaling.summand};
  const int out = unit_exponent(format);
  std::for_each(affine.factor.begin(), affine.factor.end(),
                [&](double& f) { f = std::ldexp(f, exponent - out); });
  std::for_each(affine.summand.begin(), affine.summand.end(), [&](double& s) { s = std::ldexp(s, -out); });
  Requantisation& r = builder_.unit(unit).requantisation;
  r = options_.with_values ? fold(affine, format, hardware_[position].activations.place) : Requantisation{};
  r.format = format;
  r.relu = rescaling.activation != Activation::none;
  if (rescaling.activation == Activation::relu6) {
    r.maximum = rectifier_maximum(format, relu6_limit);
  }
  return behind(from, unit);
}

std::size_t Lowering::consumer_count(std::size_t position) const {
  std::size_t count = 0;
  for (const NetworkLayer& layer : network_.layers) {
    // The host's softmax takes the values of the sink; a layer may take an output twice.
    if (!is_softmax(layer.kind)) {
      count += static_cast<std::size_t>(std::count(layer.inputs.begin(), layer.inputs.end(), position));
    }
  }
  return count;
}

void Lowering::finish(std::size_t position, const Tail& tail, const NumberFormat& format,
                      const TensorShape& map, FlattenOrder order) {
  const std::size_t consumers = consumer_count(position);
  lowered_.results[position] = LayerResults{tail, format, map, order};
  LayerEnd& end = ends_[position];
  end.format = format;
  end.map = map;
  end.order = order;
  if (consumers == 0) {
    const std::size_t sink = builder_.add(UnitKind::sink, layer(position).name, "sink");
    builder_.connect(tail, sink, 0, fifo_depth(position));
    return;
  }
  end.tails = builder_.split(tail, consumers, layer(position).name, "fork", fifo_depth(position));
  std::reverse(end.tails.begin(), end.tails.end());
}

void Lowering::stay_string(std::size_t position) {
  const LayerEnd& in = input_end(position);
  LayerEnd& end = ends_[position];
  LayerResults& results = *lowered_.results[position];
  end.map = results.map = in.map;
  end.order = results.order = in.order;
}

void Lowering::finish_requantised(std::size_t position, const Tail& tail, int exponent,
                                  const Rescaling& rescaling) {
  const std::optional<QuantiserFormat> own = quantiser_format(layer(position));
  const std::optional<QuantiserFormat> quantiser = own ? own : format_behind(network_, position);
  const NumberFormat format =
      quantiser ? quantiser->format : output_format(position, exponent, largest_magnitude(rescaling.factor));
  Rescaling shifted = rescaling;
  if (quantiser && quantiser->rounds_down) {
    const double half = std::ldexp(0.5, unit_exponent(format));
    std::for_each(shifted.summand.begin(), shifted.summand.end(), [half](double& s) { s -= half; });
  }
  const Tail end = requantised(position, tail, exponent, shifted, format);
  if (quantiser) {
    Requantisation& requantisation = builder_.unit(end.unit).requantisation;
    requantisation.rounding = quantiser->rounds_down ? Rounding::nearest : Rounding::nearest_even;
    requantisation.relu = requantisation.relu || quantiser->is_unsigned;
    is_quantised_[position] = true;
  }
  finish(position, end, format, layer(position).shape);
}

}  // namespace lacuna::tomato
