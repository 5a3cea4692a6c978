#pragma once

#include <cstdint>
#include <vector>

#include "models/common/number_format.h"

namespace lacuna {

struct LayerGradients;
struct QuantiseConfig;
struct TrainedLayer;

/// How a layer's weights are quantised while they learn.
struct TrainedFormat {
  NumberFormat format;
  double scale = 1.0;         ///< a weight is so many times the format's number
  double coding_scale = 1.0;  ///< codes are chosen for number / coding_scale (represent.h)
  /// Of recentralised shifts: of each weight, 1 where it belongs to the positive component; else empty.
  std::vector<std::uint8_t> components;
  bool incremental = false;  ///< weights that are not settled are not quantised either
  bool learn_scale = false;
  double scale_velocity = 0.0;
};

/// Whether a layer can be quantised so: fixed and dynamic_fixed have 2 to 16 bits, shift 3 to 6 and focused 4
/// to 7, as the streaming machine takes them, ternary 2, binary 1.
bool has_width(const QuantiseConfig& config);

/// Begins to quantise a layer's weights, or settles more of those that it quantises incrementally. Weights
/// that are cut or 0 stay 0. Throws ConfigurationError, naming the layer, for widths that the format does not
/// have, and for a layer of zeros.
void quantise(TrainedLayer& layer, const QuantiseConfig& config, std::uint64_t seed);

/// Fits the format to the numbers as they are now; nothing where weights are settled.
void refit(TrainedLayer& layer, const QuantiseConfig& config, std::uint64_t seed);

/// Whether formats are fitted anew after `epochs` of a phase: after k, 3 k, 7 k, ... epochs, at intervals
/// that double (Zhao et al., NeurIPS 2019, section 3.5, has them grow exponentially; the start is ours).
bool refits_after(const QuantiseConfig& config, std::uint32_t epochs);

/// `weights` from `reals`.
void requantise(TrainedLayer& layer);

/// Derivative of the loss with respect to a scale that is learned: the sum over the quantised weights of
/// gradient times the format's number, codes staying as they are.
double scale_gradient(const TrainedLayer& layer, const LayerGradients& gradients);

}  // namespace lacuna
