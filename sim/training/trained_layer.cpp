#include "sim/training/trained_layer.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/compress/network_model.h"
#include "sim/compress/prune.h"
#include "sim/network/gates.h"
#include "sim/yaml/error_place.h"

namespace lacuna {
namespace {

TrainedLayer trained_layer(const Network& network, std::size_t position) {
  const NetworkLayer& layer = network.layers[position];
  TrainedLayer trained;
  trained.name = layer.name;
  trained.position = position;
  trained.shape = weight_shape(layer, network.input_of(layer).shape);
  trained.weights = layer.weights->values;
  trained.bias = layer.weights->bias;
  trained.takes_gates = takes_gates(layer);
  if (layer.gates) {
    trained.gates = gates_of(layer);
    // Without biases: of what is taken away nothing has been given back.
    trained.bias.resize(layer.outputs(), 0.0F);
    for (std::size_t c = 0; c < trained.bias.size(); ++c) {
      trained.bias[c] += layer.weights->gate_mean[c];
    }
  }
  reset_velocities(trained);
  return trained;
}

void mask_zeros(TrainedLayer& layer) {
  layer.mask.resize(layer.weights.size());
  std::transform(layer.weights.begin(), layer.weights.end(), layer.mask.begin(),
                 [](float weight) { return weight != 0.0F ? std::uint8_t{1} : std::uint8_t{0}; });
}

/// The weights that the codes stand for.
void decode(TrainedLayer& layer) {
  std::transform(layer.codes.begin(), layer.codes.end(), layer.weights.begin(),
                 [&](std::uint8_t code) { return layer.codebook[code]; });
  std::transform(layer.bias_codes.begin(), layer.bias_codes.end(), layer.bias.begin(),
                 [&](std::uint8_t code) { return layer.codebook[code]; });
}

/// Mask and weights of a layer in surgery, from its uncut weights. Between the two bounds the mask stays.
void operate(TrainedLayer& layer) {
  const double low = 0.9 * layer.surgery_threshold;
  const double high = 1.1 * layer.surgery_threshold;
  for (std::size_t i = 0; i < layer.uncut.size(); ++i) {
    const double magnitude = std::fabs(static_cast<double>(layer.uncut[i]));
    layer.mask[i] = (layer.mask[i] != 0 || magnitude > high) && magnitude > low ? 1 : 0;
    layer.weights[i] = layer.mask[i] != 0 ? layer.uncut[i] : 0.0F;
  }
}

/// v = momentum * v + gradient, value = value - rate * v; all in single precision.
class Step {
 public:
  explicit Step(const DescentSettings& settings)
      : rate_(static_cast<float>(settings.rate)),
        momentum_(static_cast<float>(settings.momentum)),
        decay_(static_cast<float>(settings.weight_decay)) {}

  void plain(std::vector<float>& values, std::vector<float>& velocities, const std::vector<float>& gradients,
             float decay) const {
    for (std::size_t i = 0; i < values.size(); ++i) {
      velocities[i] = momentum_ * velocities[i] + (gradients[i] + decay * values[i]);
      values[i] -= rate_ * velocities[i];
    }
  }
  void masked(TrainedLayer& layer, const std::vector<float>& gradients) const {
    for (std::size_t i = 0; i < layer.weights.size(); ++i) {
      const bool kept = layer.mask[i] != 0;
      const float velocity =
          momentum_ * layer.weight_velocity[i] + (gradients[i] + decay_ * layer.weights[i]);
      layer.weight_velocity[i] = kept ? velocity : 0.0F;
      layer.weights[i] = kept ? layer.weights[i] - rate_ * velocity : 0.0F;
    }
  }
  /// Numbers behind quantised weights: those that are cut or settled stay.
  void quantised(TrainedLayer& layer, const LayerGradients& gradients) const {
    for (std::size_t i = 0; i < layer.reals.size(); ++i) {
      const bool stays = layer.reals[i] == 0.0F || (!layer.mask.empty() && layer.mask[i] == 0) ||
                         (!layer.settled.empty() && layer.settled[i] != 0);
      if (stays) {
        layer.weight_velocity[i] = 0.0F;
        continue;
      }
      layer.weight_velocity[i] =
          momentum_ * layer.weight_velocity[i] + (gradients.weights[i] + decay_ * layer.reals[i]);
      layer.reals[i] -= rate_ * layer.weight_velocity[i];
    }
    TrainedFormat& format = *layer.format;
    if (format.learn_scale) {
      const double share = 1.0 / std::sqrt(static_cast<double>(layer.reals.size()));
      const double velocity =
          static_cast<double>(momentum_) * format.scale_velocity + share * scale_gradient(layer, gradients);
      const double scale = format.scale - static_cast<double>(rate_) * velocity;
      if (scale > 0.0) {  // codes follow the scale
        format.scale_velocity = velocity;
        format.coding_scale *= scale / format.scale;
        format.scale = scale;
      }
    }
    requantise(layer);
  }
  float decay() const { return decay_; }

 private:
  float rate_;
  float momentum_;
  float decay_;
};

}  // namespace

std::uint64_t TrainedLayer::nonzeros() const {
  return static_cast<std::uint64_t>(
      std::count_if(weights.begin(), weights.end(), [](float weight) { return weight != 0.0F; }));
}

std::vector<TrainedLayer> trained_layers(const Network& network, bool keep_zeros) {
  std::vector<TrainedLayer> layers;
  for (std::size_t position = 0; position < network.layers.size(); ++position) {
    const NetworkLayer& layer = network.layers[position];
    if (layer.kind != LayerKind::convolution && layer.kind != LayerKind::fully_connected) {
      continue;
    }
    layers.push_back(trained_layer(network, position));
    if (keep_zeros) {
      mask_zeros(layers.back());
    }
  }
  return layers;
}

std::vector<TrainedLayer> normalised_layers(const Network& network) {
  std::vector<TrainedLayer> layers = trained_layers(network, false);
  for (TrainedLayer& layer : layers) {
    if (network.layers[layer.position].kind == LayerKind::convolution) {
      layer.norm = new_norm(layer.shape[0]);
      layer.bias.resize(layer.shape[0], 0.0F);
      reset_velocities(layer);
    }
  }
  return layers;
}

Network with_weights(const Network& network, const std::vector<TrainedLayer>& layers) {
  Network result = network;
  for (const TrainedLayer& each : layers) {
    auto weights = std::make_shared<LayerWeights>();
    weights->values = each.weights;
    weights->bias = each.bias;
    if (each.gates) {
      fold_norm(*each.gates, result.layers[each.position], *weights);
    }
    if (each.norm) {
      fold_norm(*each.norm, *weights);
    }
    result.layers[each.position].weights = std::move(weights);
  }
  return result;
}

void reset_velocities(TrainedLayer& layer) {
  layer.weight_velocity.assign(layer.shared() ? 0 : layer.weights.size(), 0.0F);
  layer.bias_velocity.assign(layer.bias_codes.empty() ? layer.bias.size() : 0, 0.0F);
  layer.codebook_velocity.assign(layer.codebook.size(), 0.0F);
  if (layer.gates) {
    layer.gates->weight_velocity.assign(layer.gates->weights.size(), 0.0F);
    layer.gates->bias_velocity.assign(layer.gates->bias.size(), 0.0F);
  }
  if (layer.format) {
    layer.format->scale_velocity = 0.0;
  }
}

void make_dense(TrainedLayer& layer) {
  layer.mask.clear();
}

void cut(TrainedLayer& layer, const PruneConfig& config) {
  at_place({"", 0, layer.name}, [&] {
    WeightTensor tensor = tensor_of(layer.weights, layer.shape);
    prune(tensor, config.options());
    layer.weights = layer_order(tensor);
  });
  mask_zeros(layer);
  for (std::size_t i = 0; i < layer.mask.size(); ++i) {
    layer.weight_velocity[i] = layer.mask[i] != 0 ? layer.weight_velocity[i] : 0.0F;
  }
}

void begin_surgery(TrainedLayer& layer, const SurgeryConfig& config) {
  std::vector<float> magnitudes(layer.weights.size());
  double sum = 0.0;
  for (std::size_t i = 0; i < magnitudes.size(); ++i) {
    magnitudes[i] = std::fabs(layer.weights[i]);
    sum += static_cast<double>(magnitudes[i]);
  }
  layer.surgery_threshold = std::max(
      0.0, sum / static_cast<double>(magnitudes.size()) + config.alpha * standard_deviation(magnitudes));
  layer.uncut = layer.weights;
  mask_zeros(layer);
  operate(layer);
}

void end_surgery(TrainedLayer& layer) {
  layer.uncut.clear();
}

void share(TrainedLayer& layer, const ShareConfig& config, std::uint64_t seed) {
  if (layer.gates) {
    throw ConfigurationError({"", 0, layer.name}, "has gates, whose normalisation pulls shared weights apart",
                             "skip: true for this layer");
  }
  KmeansOptions options;
  options.shared_values = (1U << config.weight_bits) - 1;
  options.initialisation = config.initialisation;
  options.seed = config.seed.value_or(seed);
  std::vector<float> values = layer.weights;
  if (config.biases) {
    values.insert(values.end(), layer.bias.begin(), layer.bias.end());
  }
  SharedWeights shared = share_weights(values, options);
  const auto end = shared.codes.begin() + static_cast<std::ptrdiff_t>(layer.weights.size());
  layer.codes.assign(shared.codes.begin(), end);
  layer.bias_codes.assign(end, shared.codes.end());
  layer.codebook = std::move(shared.codebook);
  decode(layer);
  reset_velocities(layer);
}

void begin_gates(TrainedLayer& layer, const GateConfig& config, std::uint64_t seed) {
  if (!layer.takes_gates) {
    return;
  }
  const std::uint32_t outputs = layer.shape[0];
  if (layer.shared() || config.lanes > outputs) {
    throw ConfigurationError(
        {"", 0, layer.name},
        layer.shared() ? "has shared weights"
                       : fmt::format("{} lanes for {} channels", config.lanes, outputs),
        layer.shared() ? "gates for layers that share no weights" : "at most as many as channels");
  }
  if (!layer.gates) {
    layer.gates = new_gates(outputs, layer.shape[1], seed, layer.position);
    layer.bias.resize(outputs, 0.1F);
  }
  layer.gates->winners = kept_channels(config.density, outputs);
  layer.gates->lanes = config.lanes;
  layer.gates->lasso = config.lasso;
  reset_velocities(layer);
}

std::vector<double> codebook_gradient(const TrainedLayer& layer, const LayerGradients& gradients,
                                      double weight_decay) {
  std::vector<double> sums(layer.codebook.size(), 0.0);
  for (std::size_t i = 0; i < layer.codes.size(); ++i) {
    sums[layer.codes[i]] +=
        static_cast<double>(gradients.weights[i]) + weight_decay * static_cast<double>(layer.weights[i]);
  }
  for (std::size_t i = 0; i < layer.bias_codes.size(); ++i) {
    sums[layer.bias_codes[i]] += static_cast<double>(gradients.bias[i]);
  }
  sums.front() = 0.0;
  return sums;
}

void descend(TrainedLayer& layer, const LayerGradients& gradients, const DescentSettings& settings) {
  const Step step(settings);
  if (layer.gates) {
    TrainedGates& gates = *layer.gates;
    step.plain(gates.weights, gates.weight_velocity, gradients.gates.weights, step.decay());
    step.plain(gates.bias, gates.bias_velocity, gradients.gates.bias, 0.0F);
    learn_statistics(gates.norm, gradients.norm);
  }
  if (layer.norm) {
    learn_statistics(*layer.norm, gradients.norm);
  }
  if (layer.bias_codes.empty()) {
    step.plain(layer.bias, layer.bias_velocity, gradients.bias, 0.0F);
  }
  if (layer.shared()) {
    const std::vector<double> sums = codebook_gradient(layer, gradients, settings.weight_decay);
    step.plain(layer.codebook, layer.codebook_velocity, std::vector<float>(sums.begin(), sums.end()), 0.0F);
    decode(layer);
  } else if (layer.format) {
    step.quantised(layer, gradients);
  } else if (!layer.uncut.empty()) {
    step.plain(layer.uncut, layer.weight_velocity, gradients.weights, step.decay());
    operate(layer);
  } else if (!layer.mask.empty()) {
    step.masked(layer, gradients.weights);
  } else {
    step.plain(layer.weights, layer.weight_velocity, gradients.weights, step.decay());
  }
}

std::vector<std::string> names_of(const std::vector<TrainedLayer>& layers) {
  std::vector<std::string> names;
  names.reserve(layers.size());
  for (const TrainedLayer& layer : layers) {
    names.push_back(layer.name);
  }
  return names;
}

}  // namespace lacuna
