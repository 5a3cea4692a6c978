#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/compress/compressed_layer.h"
#include "sim/data/import/kmeans.h"

namespace lacuna {

/// How weights are represented.
enum class Representation {
  codebook,       ///< k-means (kmeans.h)
  fixed,          ///< the point with the least squared error
  dynamic_fixed,  ///< the exponent with the least squared error
  shift,          ///< powers of two; the bias lets at most 1 / (2^width + 1) of the weights overflow
  focused,        ///< recentralised shift of two Gaussian components, or shift (focused.h)
  ternary,        ///< 0 up to 0.7 times the mean magnitude, else sign times the mean of what is above
  binary,         ///< sign times the mean magnitude
};

struct RepresentationOptions {
  Representation kind = Representation::codebook;
  /// Of a code: codebook 1 to 8 (2^bits values, zero included), fixed and dynamic_fixed 2 to 16, shift 3 to
  /// 7, focused 4 to 8; ternary 2 and binary 1 whatever is said here.
  std::uint32_t bits = 4;
  CentroidInitialisation initialisation = CentroidInitialisation::linear;
  std::uint64_t seed = 1;  ///< of random initialisation and of the components of focused quantisation
};

/// How a codebook of these options is found.
KmeansOptions kmeans_options(const RepresentationOptions& options);

/// Weights as codes, and what it cost.
struct RepresentedWeights {
  WeightCode code;
  std::vector<std::uint16_t> codes;  ///< one stored code per weight; 0 where the weight is 0
  double mean_squared_error = 0.0;   ///< over the weights that were not 0
  double largest_error = 0.0;
  double signal_to_noise_db = 0.0;    ///< sum of squared weights over sum of squared errors; 999 where exact
  std::uint64_t rounded_to_zero = 0;  ///< weights that were not 0 and have become so
  std::uint64_t clipped = 0;          ///< weights beyond the format's largest number
  std::string note;                   ///< how the parameters were found, one line
};

/// Fits a representation to the nonzero weights and codes them; zeros stay zero. Sources: fixed and dynamic
/// fixed, our choice of the least squared error; shift and focused, Zhao et al., NeurIPS 2019; ternary, Li et
/// al., arXiv 1605.04711, over the nonzero weights; binary, Rastegari et al., XNOR-Net, ECCV 2016. Throws
/// ConfigurationError for bits out of range and InputDataError for weights that are not finite.
RepresentedWeights represent_weights(const std::vector<float>& weights, const RepresentationOptions& options);

/// A number format for nonzero weights. `components` (recentralised shift only) gives each weight, in its
/// order, the component it belongs to.
struct FittedFormat {
  WeightCode code;
  double coding_scale = 1.0;  ///< codes are chosen for weight / coding_scale, and stand for code.scale times
  std::vector<ShiftComponent> components;
  std::string note;
};

/// Fits one of the number formats (not the codebook) to nonzero, finite weights, at least one.
FittedFormat fit_format(const std::vector<float>& nonzeros, const RepresentationOptions& options);

/// The shift bias b, the largest with which at most 1 / (2^width + 1) of `values` are beyond the largest
/// number 2^(2^k - 1 - b), where k = exponent_bits (source: Zhao et al., NeurIPS 2019, section 3.2).
int shift_bias(const std::vector<double>& values, int width_bits, int exponent_bits);

}  // namespace lacuna
