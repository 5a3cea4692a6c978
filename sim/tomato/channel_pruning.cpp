#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/network/gates.h"
#include "sim/tomato/layer_hardware.h"
#include "sim/tomato/lowering.h"

namespace lacuna::tomato {
namespace {

constexpr int mean_bits = 16;
constexpr int saliency_bits = 16;
constexpr int predictor_weight_bits = 8;

/// The layer's weights summed over all positions of the kernel (fully connected: of the map): [output][input
/// channel].
std::vector<float> predictor_weights(const PruningRequest& request) {
  const std::size_t channels = request.input.channels;
  const std::vector<float>& values = *request.weights;
  std::vector<float> sums(request.layer->outputs() * channels, 0.0F);
  const std::size_t length = values.size() / request.layer->outputs();
  for (std::size_t i = 0; i < values.size(); ++i) {
    sums[i / length * channels + i % length % channels] += values[i];
  }
  return sums;
}

/// The least and the largest saliency that inputs within their format can have.
struct Bounds {
  double low = 0.0;
  double high = 0.0;
};

Bounds saliency_bounds(const std::vector<double>& weights, const std::vector<float>& bias,
                       std::size_t channels, double largest_input) {
  Bounds bounds;
  for (std::size_t output = 0; output < weights.size() / channels; ++output) {
    double reach = 0.0;
    for (std::size_t i = 0; i < channels; ++i) {
      reach += std::abs(weights[output * channels + i]) * largest_input;
    }
    const double offset = bias.empty() ? 0.0 : bias[output];
    bounds.low = std::min(bounds.low, offset - reach);
    bounds.high = std::max(bounds.high, offset + reach);
  }
  return bounds;
}

Requantisation rectified(Requantisation r) {
  r.relu = true;
  return r;
}

class PruningBuilder {
 public:
  PruningBuilder(PipelineBuilder& builder, const PruningRequest& request)
      : builder_(builder), request_(request) {}

  PruningGate build(const Tail& input) {
    const std::vector<Tail> both = builder_.split(input, 2, name(), "predictor_fork", request_.fifo_depth);
    const Tail mean = add_mean(both[1]);
    const Tail saliency = add_predictor(mean);
    const Tail gate = add_winners(saliency);
    const std::size_t takers = std::size_t{1} + (boosts() ? 1 : 0) + (request_.next_takes_gate ? 1 : 0);
    const std::vector<Tail> gates = builder_.split(gate, takers, name(), "gate_fork", request_.fifo_depth);
    PruningGate result;
    result.data = hold_frame(both[0]);
    result.engine = gates[0];
    result.saliency_format = saliency_format_;
    if (request_.next_takes_gate) {
      result.next = gates[1];
    }
    if (boosts()) {
      result.boost = gates.back();
    }
    return result;
  }

 private:
  const std::string& name() const { return request_.layer->name; }
  bool boosts() const { return request_.layer->gates.has_value(); }
  Tail behind(const Tail& from, std::size_t unit) {
    builder_.connect(from, unit, 0, request_.fifo_depth);
    return {unit, 0};
  }
  Requantisation scale(double factor, const std::vector<double>& summand, const NumberFormat& format) const {
    if (!request_.with_values) {
      Requantisation r;
      r.format = format;
      return r;
    }
    return fold({{factor}, summand}, format, request_.place);
  }

  /// The pixels of the frame wait until the gate is known.
  Tail hold_frame(const Tail& tail) {
    const std::size_t unit = builder_.add(UnitKind::fork, name(), "frame_buffer");
    const std::uint64_t depth = 2 * std::uint64_t{request_.input.pixels()} + 2;
    if (depth > deepest_fifo) {
      throw ConfigurationError(
          request_.place,
          fmt::format("a frame of {} pixels cannot wait for its gate", request_.input.pixels()),
          fmt::format("FIFOs hold at most {} tokens", deepest_fifo));
    }
    builder_.connect(tail, unit, 0, static_cast<std::uint32_t>(depth));
    return {unit, 0};
  }

  Tail add_mean(const Tail& from) {
    const Tail sum = behind(from, builder_.add(UnitKind::global_sum_pool, name(), "mean_sum"));
    const std::size_t unit = builder_.add(UnitKind::requantise, name(), "mean");
    const int exponent = unit_exponent(request_.input_format);
    // A mean lies within its values' format: the same range, with more bits behind the point.
    const int extra = mean_bits - request_.input_format.width_bits;
    mean_format_ = NumberFormat::dynamic_fixed(mean_bits, exponent - extra);
    builder_.unit(unit).requantisation =
        scale(std::ldexp(1.0, extra) / static_cast<double>(request_.input.pixels()), {0.0}, mean_format_);
    return behind(sum, unit);
  }

  Tail add_predictor(const Tail& from) {
    const std::size_t engine = builder_.add(UnitKind::pointwise, name(), "predictor");
    builder_.unit(engine).output_channels = request_.layer->outputs();
    const std::size_t unit_position = builder_.add(UnitKind::requantise, name(), "saliency");
    const FormatRequest request =
        parse_format_request("dynamic_fixed(" + std::to_string(predictor_weight_bits) + ")", request_.place);
    if (!request_.with_values) {
      builder_.unit(engine).weights.format = request.format;
      builder_.unit(unit_position).requantisation =
          rectified(scale(1.0, {0.0}, NumberFormat::fixed(saliency_bits, 0)));
    } else if (boosts()) {
      set_trained_predictor(engine, unit_position, request);
    } else {
      set_predictor(engine, unit_position, request);
    }
    return behind(behind(from, engine), unit_position);
  }

  /// Saliencies in 16 bits, with room for twice the largest that the calibration pictures gave.
  void set_trained_predictor(std::size_t engine, std::size_t unit_position, const FormatRequest& request) {
    const LayerWeights& trained = *request_.layer->weights;
    QuantisedWeights quantised = quantise_weights(trained.gate_values, request, 0);
    const int exponent = unit_exponent(quantised.weights.format) + unit_exponent(mean_format_);
    const FormatRequest saliency =
        parse_format_request("dynamic_fixed(" + std::to_string(saliency_bits) + ")", request_.place);
    saliency_format_ = Lowering::coarse_enough(activation_format(saliency, 2.0 * request_.largest_saliency),
                                               exponent, quantised.scale);
    const int unit = unit_exponent(saliency_format_);
    std::vector<double> summand;
    for (const float bias : trained.gate_bias) {
      summand.push_back(std::ldexp(static_cast<double>(bias), -unit));
    }
    const double factor = std::ldexp(quantised.scale, exponent - unit);
    builder_.unit(engine).weights = std::move(quantised.weights);
    builder_.unit(unit_position).requantisation =
        rectified(fold({{factor}, summand}, saliency_format_, request_.place));
  }

  void set_predictor(std::size_t engine, std::size_t unit_position, const FormatRequest& request) {
    QuantisedWeights quantised = quantise_weights(predictor_weights(request_), request, 0);
    const int weight_exponent = unit_exponent(quantised.weights.format);
    std::vector<double> weights;
    for (const std::int32_t mantissa : quantised.weights.mantissas) {
      weights.push_back(std::ldexp(quantised.scale * mantissa, weight_exponent));
    }
    const double largest = std::ldexp(1.0, mean_bits - 1 + unit_exponent(mean_format_));
    const std::vector<float>& bias = request_.layer->weights->bias;
    const Bounds bounds = saliency_bounds(weights, bias, request_.input.channels, largest);
    // Saliencies are shifted above zero, so that the rectifier leaves their order alone.
    const double width = bounds.high > bounds.low ? bounds.high - bounds.low : 1.0;
    const double factor = 30000.0 / width;
    std::vector<double> summand;
    for (std::size_t output = 0; output < request_.layer->outputs(); ++output) {
      summand.push_back(((bias.empty() ? 0.0 : bias[output]) - bounds.low) * factor + 1.0);
    }
    const double unit_factor =
        std::ldexp(quantised.scale * factor, weight_exponent + unit_exponent(mean_format_));
    // Mantissas of up to 30000 in a 16-bit integer format.
    const NumberFormat format = NumberFormat::fixed(saliency_bits, saliency_bits - 1);
    builder_.unit(engine).weights = std::move(quantised.weights);
    builder_.unit(unit_position).requantisation =
        rectified(fold({{unit_factor}, summand}, format, request_.place));
  }

  Tail add_winners(const Tail& from) {
    const std::size_t winners = builder_.add(UnitKind::winners, name(), "winners");
    Unit& unit = builder_.unit(winners);
    if (boosts()) {
      unit.winners = request_.layer->gates->winners;
      unit.winner_lanes = request_.layer->gates->lanes;
    } else {
      unit.winners = kept_channels(request_.keep_ratio, request_.layer->outputs());
    }
    return behind(from, winners);
  }

  PipelineBuilder& builder_;
  const PruningRequest& request_;
  NumberFormat mean_format_;
  NumberFormat saliency_format_ = NumberFormat::fixed(saliency_bits, 0);
};

}  // namespace

PruningGate add_channel_pruning(PipelineBuilder& builder, const Tail& input, const PruningRequest& request) {
  return PruningBuilder(builder, request).build(input);
}

}  // namespace lacuna::tomato
