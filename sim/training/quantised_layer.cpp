#include "sim/training/quantised_layer.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "models/common/error.h"
#include "sim/compress/represent.h"
#include "sim/training/recipe.h"
#include "sim/training/trained_layer.h"
#include "sim/yaml/error_place.h"

namespace lacuna {
namespace {

/// Codebooks are no number format and stand first among the representations.
RepresentationOptions options_of(const QuantiseConfig& config, std::uint64_t seed) {
  RepresentationOptions options;
  options.kind = static_cast<Representation>(static_cast<int>(config.kind) + 1);
  options.bits = config.weight_bits;
  options.seed = config.seed.value_or(seed);
  return options;
}

/// As for any weights; a zero has nothing to fit.
void check_width(const QuantiseConfig& config, std::uint64_t seed) {
  represent_weights({0.0F}, options_of(config, seed));
}

void fit(TrainedLayer& layer, const QuantiseConfig& config, std::uint64_t seed) {
  std::vector<float> nonzeros;
  std::copy_if(layer.reals.begin(), layer.reals.end(), std::back_inserter(nonzeros),
               [](float real) { return real != 0.0F; });
  if (nonzeros.empty()) {
    throw ConfigurationError({}, "has no weights to quantise", "a layer with weights");
  }
  const FittedFormat fitted = fit_format(nonzeros, options_of(config, seed));
  check_format(fitted.code.format, {});
  TrainedFormat& format = *layer.format;
  format.format = fitted.code.format;
  format.scale = fitted.code.scale;
  format.coding_scale = fitted.coding_scale;
  format.scale_velocity = 0.0;
  format.components.clear();
  if (!fitted.components.empty()) {
    format.components.assign(layer.reals.size(), 0);
    std::size_t nonzero = 0;
    for (std::size_t i = 0; i < layer.reals.size(); ++i) {
      if (layer.reals[i] != 0.0F) {
        format.components[i] = fitted.components[nonzero++] == ShiftComponent::positive ? 1 : 0;
      }
    }
  }
}

/// The format's number nearest to one that learns.
double number_of(const TrainedFormat& format, std::size_t i, float real) {
  const double number = static_cast<double>(real) / format.coding_scale;
  if (format.components.empty()) {
    return to_real(format.format, encode_nearest(format.format, number));
  }
  const ShiftComponent component =
      format.components[i] != 0 ? ShiftComponent::positive : ShiftComponent::negative;
  return to_real(format.format, encode_in_component(format.format, component, exact(number)));
}

/// Settles the largest weights, so that `share` of those that are left of the layer are.
void settle(TrainedLayer& layer, double share) {
  std::vector<std::uint32_t> order;
  for (std::size_t i = 0; i < layer.reals.size(); ++i) {
    if (layer.reals[i] != 0.0F) {
      order.push_back(static_cast<std::uint32_t>(i));
    }
  }
  const auto wanted = static_cast<std::size_t>(std::llround(share * static_cast<double>(order.size())));
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    if (layer.settled[a] != layer.settled[b]) {
      return layer.settled[a] > layer.settled[b];
    }
    return std::fabs(layer.reals[a]) > std::fabs(layer.reals[b]);
  });
  for (std::size_t k = 0; k < wanted; ++k) {
    const std::uint32_t i = order[k];
    if (layer.settled[i] == 0) {
      layer.settled[i] = 1;
      layer.weights[i] =
          static_cast<float>(layer.format->scale * number_of(*layer.format, i, layer.reals[i]));
    }
  }
}

}  // namespace

bool has_width(const QuantiseConfig& config) {
  const auto between = [&](std::uint32_t least, std::uint32_t most) {
    return config.weight_bits >= least && config.weight_bits <= most;
  };
  switch (config.kind) {
    case QuantiseKind::fixed:
    case QuantiseKind::dynamic_fixed:
      return between(2, 16);
    case QuantiseKind::shift:
      return between(3, 6);
    case QuantiseKind::focused:
      return between(4, 7);
    case QuantiseKind::ternary:
      return between(2, 2);
    case QuantiseKind::binary:
      return between(1, 1);
  }
  return false;
}

void quantise(TrainedLayer& layer, const QuantiseConfig& config, std::uint64_t seed) {
  if (layer.gates) {
    throw ConfigurationError({"", 0, layer.name},
                             "has gates, whose normalisation pulls the weights off the format's numbers",
                             "skip: true for this layer");
  }
  at_place({"", 0, layer.name}, [&] {
    check_width(config, seed);
    const bool goes_on = layer.format && layer.format->incremental && config.incremental;
    if (!goes_on) {
      layer.reals = layer.weights;
      layer.settled.clear();
      layer.format.emplace();
      layer.format->incremental = config.incremental.has_value();
      layer.format->learn_scale = config.learn_scale;
      fit(layer, config, seed);
    }
    if (config.incremental) {
      layer.settled.resize(layer.reals.size());
      settle(layer, *config.incremental);
    }
    requantise(layer);
  });
}

void refit(TrainedLayer& layer, const QuantiseConfig& config, std::uint64_t seed) {
  if (layer.format->incremental) {
    return;
  }
  at_place({"", 0, layer.name}, [&] { fit(layer, config, seed); });
  requantise(layer);
}

bool refits_after(const QuantiseConfig& config, std::uint32_t epochs) {
  const std::uint64_t intervals = epochs / config.refit_epochs + std::uint64_t{1};
  return epochs > 0 && epochs % config.refit_epochs == 0 && (intervals & (intervals - 1)) == 0;
}

void requantise(TrainedLayer& layer) {
  const TrainedFormat& format = *layer.format;
  for (std::size_t i = 0; i < layer.reals.size(); ++i) {
    const bool settled = !layer.settled.empty() && layer.settled[i] != 0;
    if (settled) {
      continue;
    }
    const float real = layer.reals[i];
    layer.weights[i] = real == 0.0F || format.incremental
                           ? real
                           : static_cast<float>(format.scale * number_of(format, i, real));
  }
}

double scale_gradient(const TrainedLayer& layer, const LayerGradients& gradients) {
  double sum = 0.0;
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    sum += static_cast<double>(gradients.weights[i]) * static_cast<double>(layer.weights[i]);
  }
  return sum / layer.format->scale;
}

}  // namespace lacuna
