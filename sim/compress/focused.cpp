#include "sim/compress/focused.h"

#include <algorithm>
#include <cmath>

#include <boost/random/mersenne_twister.hpp>
#include <fmt/format.h>

#include "sim/compress/gaussian_mixture.h"

namespace lacuna {
namespace {

FittedFormat plain_shift(const std::vector<float>& nonzeros, int width_bits, const std::string& reason) {
  RepresentationOptions options;
  options.kind = Representation::shift;
  options.bits = static_cast<std::uint32_t>(std::min(width_bits, 7));
  FittedFormat fitted = fit_format(nonzeros, options);
  fitted.note = "plain shift: " + reason;
  return fitted;
}

/// Exponent of the power of two nearest to a positive number; halfway to the larger.
int nearest_power(double value) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);  // value = fraction * 2^exponent, 0.5 <= fraction < 1
  return std::clamp(fraction >= 0.75 ? exponent : exponent - 1, -30, 30);
}

std::vector<ShiftComponent> draw_components(const std::vector<float>& weights, const GaussianMixture& mixture,
                                            std::uint64_t seed) {
  boost::random::mt19937_64 engine(seed);
  std::vector<ShiftComponent> components;
  components.reserve(weights.size());
  for (const float weight : weights) {
    const double uniform = std::ldexp(static_cast<double>(engine() >> 11), -53);
    components.push_back(uniform < mixture.positive_probability(static_cast<double>(weight))
                             ? ShiftComponent::positive
                             : ShiftComponent::negative);
  }
  return components;
}

/// Distances of the weights, over the scale, from their components' centres.
std::vector<double> residuals(const std::vector<float>& weights, const FittedFormat& fitted) {
  const NumberFormat& format = fitted.code.format;
  std::vector<double> values(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double centre = fitted.components[i] == ShiftComponent::positive
                              ? std::ldexp(1.0, format.positive_centre)
                              : -std::ldexp(1.0, format.negative_centre);
    values[i] = static_cast<double>(weights[i]) / fitted.code.scale - centre;
  }
  return values;
}

/// The factor on the scale with the least squared error for the codes chosen at the present scale.
double best_alpha(const std::vector<float>& weights, const FittedFormat& fitted) {
  double products = 0.0;
  double squares = 0.0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto weight = static_cast<double>(weights[i]);
    const NumberFormat& format = fitted.code.format;
    const std::uint32_t code =
        encode_in_component(format, fitted.components[i], exact(weight / fitted.code.scale));
    const double number = fitted.code.scale * to_real(format, code);
    products += weight * number;
    squares += number * number;
  }
  return squares > 0.0 && products > 0.0 ? products / squares : 1.0;
}

}  // namespace

FittedFormat fit_focused(const std::vector<float>& nonzeros, int width_bits, std::uint64_t seed) {
  const std::optional<GaussianMixture> fit = fit_mixture(nonzeros);
  if (!fit) {
    return plain_shift(nonzeros, width_bits, "all weights, or nearly all, have one sign");
  }
  const GaussianMixture& mixture = *fit;
  if (mixture.separation < least_separation) {
    return plain_shift(
        nonzeros, width_bits,
        fmt::format("separation {:.3f} is below {:.1f}", mixture.separation, least_separation));
  }
  if (mixture.negative.mean >= 0.0 || mixture.positive.mean <= 0.0) {
    return plain_shift(nonzeros, width_bits, "the components' means do not lie on both sides of zero");
  }
  const double variance = mixture.negative.share * mixture.negative.deviation * mixture.negative.deviation +
                          mixture.positive.share * mixture.positive.deviation * mixture.positive.deviation;
  const double deviation = std::sqrt(variance);
  FittedFormat fitted;
  fitted.code.scale = fitted.coding_scale = deviation;
  fitted.components = draw_components(nonzeros, mixture, seed);
  NumberFormat& format = fitted.code.format;
  format = NumberFormat::recentralised_shift(width_bits, 0, nearest_power(-mixture.negative.mean / deviation),
                                             nearest_power(mixture.positive.mean / deviation));
  format.bias = shift_bias(residuals(nonzeros, fitted), width_bits - 1, format.shift_exponent_bits());
  const double alpha = best_alpha(nonzeros, fitted);
  fitted.note = fmt::format(
      "means {:.4g} and {:.4g}, deviations {:.4g} and {:.4g}, separation {:.3f}, alpha {:.4f}, {} iterations",
      mixture.negative.mean, mixture.positive.mean, mixture.negative.deviation, mixture.positive.deviation,
      mixture.separation, alpha, mixture.iterations);
  fitted.code.scale *= alpha;
  return fitted;
}

}  // namespace lacuna
