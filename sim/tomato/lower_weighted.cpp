#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "sim/tomato/lowering.h"

namespace lacuna::tomato {
namespace {

/// Weights [output][height, width, channel] from [output][channel, height, width].
std::vector<float> from_channels_first(const std::vector<float>& values, std::size_t outputs,
                                       const TensorShape& map) {
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

/// One layer with weights.
class WeightedLayer {
 public:
  WeightedLayer(Lowering& lowering, std::size_t position)
      : lowering_(lowering),
        position_(position),
        layer_(lowering.layer(position)),
        in_(lowering.input_end(position)),
        kind_(unit_kind()) {
    if (kind_ == UnitKind::fully_connected && in_.order == FlattenOrder::chw &&
        lowering.options().with_values) {
      reordered_ = from_channels_first(layer_.weights->values, layer_.outputs(), in_.map);
    }
  }

  void lower() {
    Tail data = lowering_.take_input(position_);
    std::optional<PruningGate> pruning;
    const bool keeps = lowering_.hardware(position_).keep_ratio && layer_.groups == 1;
    if (keeps && layer_.gates) {
      lowering_.refuse(position_, "has gates of its own, and a keep_ratio", "no keep_ratio");
    }
    if (keeps || layer_.gates) {
      pruning = add_pruning(data);
      data = pruning->data;
    }
    if (kind_ == UnitKind::convolution || kind_ == UnitKind::depthwise) {
      data = lowering_.add_window(position_, data, Padding::zero);
    }
    const std::size_t engine =
        lowering_.builder().add(kind_, layer_.name, "", lowering_.hardware(position_).unroll);
    Unit& unit = lowering_.builder().unit(engine);
    unit.output_channels = layer_.outputs();
    unit.groups = kind_ == UnitKind::depthwise ? 1 : layer_.groups;
    const double scale = set_weights(unit);
    check_operand(unit.weights.format);
    const int exponent = unit_exponent(in_.format) + unit_exponent(unit.weights.format);
    lowering_.behind(data, engine);
    connect_gates(engine, pruning);
    if (layer_.gates) {
      finish_boosted({engine, 0}, exponent, {{scale}, bias(), layer_.activation}, *pruning);
    } else {
      lowering_.finish_requantised(position_, {engine, 0}, exponent, {{scale}, bias(), layer_.activation});
    }
    if (pruning) {
      lowering_.set_gate(position_, pruning->next);
    }
  }

 private:
  /// The engine's sums in 16 bits, with room for twice the largest that the calibration pictures gave; then
  /// times the saliencies, and in the format of the layer's results.
  void finish_boosted(const Tail& sums, int exponent, const Rescaling& rescaling,
                      const PruningGate& pruning) {
    const LargestValues& largest = lowering_.options().largest;
    const FormatRequest request =
        parse_format_request("dynamic_fixed(16)", lowering_.hardware(position_).activations.place);
    NumberFormat format =
        activation_format(request, largest.outputs.empty() ? 0.0 : 2.0 * largest.before_gates[position_]);
    if (lowering_.options().with_values) {
      format = Lowering::coarse_enough(format, exponent, rescaling.factor.front());
    }
    const Tail plain = lowering_.requantised(position_, sums, exponent, rescaling, format, "before_gates");
    const Tail boosted =
        lowering_.behind(plain, lowering_.builder().add(UnitKind::boost, layer_.name, "boost"));
    lowering_.builder().connect(*pruning.boost, boosted.unit, 1, lowering_.options().fifo_depth);
    const int boosted_exponent = unit_exponent(format) + unit_exponent(pruning.saliency_format);
    lowering_.finish_requantised(position_, boosted, boosted_exponent, {});
  }

  UnitKind unit_kind() const {
    if (layer_.kind == LayerKind::fully_connected) {
      return UnitKind::fully_connected;
    }
    if (is_depthwise(layer_, in_.map.channels)) {
      return UnitKind::depthwise;
    }
    return is_pointwise(layer_.window) ? UnitKind::pointwise : UnitKind::convolution;
  }

  /// [output][position][channel], as pixels come.
  const std::vector<float>& weights() const {
    return reordered_.empty() ? layer_.weights->values : reordered_;
  }

  std::vector<double> bias() const {
    if (!lowering_.options().with_values || layer_.weights->bias.empty()) {
      return {0.0};
    }
    return {layer_.weights->bias.begin(), layer_.weights->bias.end()};
  }

  /// Weights in the layer's format; returns their scale.
  double set_weights(Unit& unit) {
    const LayerHardware& hardware = lowering_.hardware(position_);
    if (!lowering_.options().with_values) {
      unit.weights.format = hardware.weights.format;
      check_unused_weights(hardware);
      return 1.0;
    }
    QuantisedWeights quantised =
        quantise_weights(weights(), hardware.weights, lowering_.options().seed + position_);
    lowering_.set_weight_error(position_, quantised);
    unit.weights = std::move(quantised.weights);
    return quantised.scale;
  }

  /// What is timed without values is refused for what its weights are, too.
  void check_unused_weights(const LayerHardware& hardware) {
    if (hardware.weights.format.kind == NumberKind::binary && layer_.weights) {
      check_zeros(layer_.weights->values, hardware);
    }
  }

  /// Engines multiply mantissas of 32 bits (contract, section 6).
  void check_operand(const NumberFormat& format) const {
    if (max_mantissa(format) > INT32_MAX || min_mantissa(format) < INT32_MIN) {
      throw ConfigurationError(lowering_.hardware(position_).weights.place,
                               fmt::format("{} has mantissas of more than 32 bits", to_text(format)),
                               "fixed(2) to fixed(32), shift(3) to shift(6), recentralised_shift(4) to (7)");
    }
  }

  void connect_gates(std::size_t engine, const std::optional<PruningGate>& pruning) {
    PipelineBuilder& builder = lowering_.builder();
    const std::uint32_t depth = lowering_.options().fifo_depth;
    std::uint32_t input = 1;
    if (pruning) {
      builder.unit(engine).output_gate = true;
      builder.connect(pruning->engine, engine, input++, depth);
    }
    if (layer_.groups > 1) {
      return;
    }
    if (const std::optional<Tail> gate = lowering_.take_input_gate(position_)) {
      builder.unit(engine).input_gate = true;
      builder.connect(*gate, engine, input, depth);
    }
  }

  /// Whether the only consumer of the layer's channels, pools apart, can skip closed input channels.
  bool next_takes_gate() const {
    for (std::size_t position = position_;;) {
      const std::vector<std::size_t> next = lowering_.network().consumers(position);
      if (next.size() != 1) {
        return false;
      }
      position = next.front();
      const LayerKind kind = lowering_.layer(position).kind;
      if (kind == LayerKind::convolution || kind == LayerKind::fully_connected) {
        return lowering_.layer(position).groups == 1;
      }
      if (kind != LayerKind::max_pooling && kind != LayerKind::flatten) {
        return false;
      }
    }
  }

  PruningGate add_pruning(const Tail& data) {
    const bool next_takes = next_takes_gate();
    if (!next_takes && !layer_.gates) {
      lowering_.refuse(
          position_, "a layer whose channels are pruned needs a next one that can leave its inputs out",
          "convolution or fully connected behind it, with nothing but max pooling and flatten between");
    }
    PruningRequest request;
    request.layer = &layer_;
    request.weights = lowering_.options().with_values ? &weights() : nullptr;
    request.input = in_.map;
    request.input_format = in_.format;
    request.next_takes_gate = next_takes;
    if (layer_.gates) {
      const std::vector<double>& largest = lowering_.options().largest.saliencies;
      request.largest_saliency = largest.empty() ? 0.0 : largest[position_];
    } else {
      request.keep_ratio = *lowering_.hardware(position_).keep_ratio;
    }
    request.with_values = lowering_.options().with_values;
    request.fifo_depth = lowering_.options().fifo_depth;
    request.place = lowering_.hardware(position_).place;
    return add_channel_pruning(lowering_.builder(), data, request);
  }

  Lowering& lowering_;
  std::size_t position_;
  const NetworkLayer& layer_;
  const LayerEnd& in_;
  UnitKind kind_;
  std::vector<float> reordered_;
};

}  // namespace

void lower_weighted(Lowering& lowering, std::size_t position) {
  WeightedLayer(lowering, position).lower();
}

}  // namespace lacuna::tomato
