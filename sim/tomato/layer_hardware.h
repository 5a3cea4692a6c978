#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/common/error.h"
#include "models/common/number_format.h"
#include "models/common/quantisation_tally.h"
#include "models/tomato/pipeline.h"
#include "sim/network/network.h"
#include "sim/tomato/balance.h"
#include "sim/tomato/tomato_config.h"

namespace lacuna::tomato {

/// A format as configurations write it: whole, such as "shift(4, 7)", or by its kind and width, such as
/// "shift(4)" (ternary and binary: by the kind alone), with the rest to be chosen from values.
struct FormatRequest {
  NumberFormat format;  ///< whole: this; else kind and width_bits
  bool is_whole = false;
  double scale = 1.0;  ///< of weights in a whole format
  std::string text;    ///< as written
  ErrorPlace place;    ///< of the setting, with the layer's name
};

/// Throws ConfigurationError at `place`.
FormatRequest parse_format_request(const std::string& text, const ErrorPlace& place);

/// Weights as the machine holds them: value = scale * mantissa * 2^unit_exponent(format).
struct QuantisedWeights {
  Weights weights;
  double scale = 1.0;
  double mean_squared_error = 0.0;
  QuantisationTally tally;
};

/// Weights in a requested format. What is not said is chosen as `lacuna compress` does (sim/compress), with
/// the seed where it draws; of two's complement beyond 16 bits the fewest integer bits that clip nothing.
/// Zeros stay zero. Throws ConfigurationError at the request's place when a format has no zero and the
/// weights need one.
QuantisedWeights quantise_weights(const std::vector<float>& values, const FormatRequest& request,
                                  std::uint64_t seed);

/// Largest magnitudes in floating point over the calibration pictures, as in Network::layers; empty without
/// values.
struct LargestValues {
  std::vector<double> outputs;
  std::vector<double> before_gates;  ///< of a layer with gates: its outputs before they are applied; else 0
  std::vector<double> saliencies;    ///< of a layer with gates; else 0
};

/// The format of activations whose largest magnitude is `largest`: as requested, or the fewest integer bits
/// that do not clip it. Throws ConfigurationError at the request's place unless it is two's complement.
NumberFormat activation_format(const FormatRequest& request, double largest);

/// Adds a number and what a format makes of it.
void add_number(double value, const NumberFormat& format, double scale, QuantisationTally& tally);

/// A `quantise` or `quantise_down` layer as the machine does it: results in a format, negative ones 0 if
/// `is_unsigned`. The machine rounds halves to even, or up half a step below: the integer below.
struct QuantiserFormat {
  NumberFormat format;
  bool is_unsigned = false;
  bool rounds_down = false;
};

/// Nothing for other layers. Throws ConfigurationError at the layer's place for steps that are no power of
/// two and ranges that no format has.
std::optional<QuantiserFormat> quantiser_format(const NetworkLayer& layer);

/// The format of the `quantise` layer that alone takes the results of a layer: it is then its own.
std::optional<QuantiserFormat> format_behind(const Network& network, std::size_t position);

/// What a configuration says about one layer, defaults applied.
struct LayerHardware {
  FormatRequest weights;
  FormatRequest activations;
  FixedUnroll unroll;
  std::optional<std::uint32_t> fifo_depth;
  std::optional<double> keep_ratio;
  ErrorPlace place;
};

/// The last layer whose values leave the machine: softmax is the host's.
std::size_t result_layer(const Network& network);

/// Throws ConfigurationError when weights have zeros and their format has none.
void check_zeros(const std::vector<float>& values, const LayerHardware& hardware);

/// Whether a convolution's windows are the pixels themselves: it needs no sliding window.
bool is_pointwise(const Window& window);

/// Whether a convolution has a group of its own for each channel and output: each channel by itself.
bool is_depthwise(const NetworkLayer& layer, std::uint32_t input_channels);

/// Whether a layer's hardware has the setting with this key of LayerSettings.
bool has_setting(const Network& network, const NetworkLayer& layer, std::string_view key);

/// The hardware of each layer, as in Network::layers. Weights and activations are fixed(8) where nothing else
/// is said, the network's results fixed(16). Throws ConfigurationError for settings of layers that the
/// network does not have or that have two, and for settings that the layer's kind does not have.
std::vector<LayerHardware> layer_hardware(const Network& network, const TomatoArchitecture& architecture);

}  // namespace lacuna::tomato
