#include "sim/compress/focused.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <boost/random/mersenne_twister.hpp>
#include <fmt/format.h>

#include "models/common/portable_exp.h"

namespace lacuna {
namespace {

constexpr std::size_t most_samples = std::size_t{1} << 17;
constexpr unsigned most_iterations = 300;
constexpr double settled = 1e-9;  ///< largest change of a mean or deviation, relative to the whole deviation

std::vector<double> samples_of(const std::vector<float>& weights) {
  std::vector<float> sorted = weights;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t count = std::min(sorted.size(), most_samples);
  std::vector<double> samples(count);
  for (std::size_t i = 0; i < count; ++i) {
    samples[i] = static_cast<double>(sorted[(2 * i + 1) * sorted.size() / (2 * count)]);
  }
  return samples;
}

/// Weighted sums from which a component's parameters follow.
struct Moments {
  double weight = 0.0;
  double sum = 0.0;
  double squares = 0.0;

  void add(double value, double share) {
    weight += share;
    sum += share * value;
    squares += share * value * value;
  }
  Gaussian gaussian(double all, double least_deviation) const {
    const double mean = sum / weight;
    const double variance = std::max(squares / weight - mean * mean, 0.0);
    return {mean, std::max(std::sqrt(variance), least_deviation), weight / all};
  }
};

double largest_change(const GaussianMixture& a, const GaussianMixture& b) {
  return std::max({std::fabs(a.negative.mean - b.negative.mean), std::fabs(a.positive.mean - b.positive.mean),
                   std::fabs(a.negative.deviation - b.negative.deviation),
                   std::fabs(a.positive.deviation - b.positive.deviation)});
}

GaussianMixture start(const std::vector<double>& samples, double least_deviation) {
  Moments negative;
  Moments positive;
  for (const double sample : samples) {
    (sample < 0.0 ? negative : positive).add(sample, 1.0);
  }
  GaussianMixture mixture;
  mixture.negative = negative.gaussian(1.0, least_deviation);
  mixture.positive = positive.gaussian(1.0, least_deviation);
  mixture.negative.share = mixture.positive.share = 0.5;
  return mixture;
}

}  // namespace

double GaussianMixture::positive_probability(double weight) const {
  const double minus = (weight - negative.mean) / negative.deviation;
  const double plus = (weight - positive.mean) / positive.deviation;
  // Both likelihoods over the larger exponential, so that neither vanishes far from both centres.
  const double nearer = std::min(minus * minus, plus * plus);
  const double a = negative.share / negative.deviation * portable_exp((nearer - minus * minus) / 2.0);
  const double b = positive.share / positive.deviation * portable_exp((nearer - plus * plus) / 2.0);
  return b / (a + b);
}

std::optional<GaussianMixture> fit_mixture(const std::vector<float>& weights) {
  const std::vector<double> samples = samples_of(weights);  // ascending
  if (samples.empty() || samples.front() >= 0.0 || samples.back() < 0.0) {
    return std::nullopt;
  }
  Moments all;
  for (const double sample : samples) {
    all.add(sample, 1.0);
  }
  const double deviation = std::max(all.gaussian(1.0, 0.0).deviation, 1e-30);
  const double least_deviation = 1e-6 * deviation;
  GaussianMixture mixture = start(samples, least_deviation);
  for (unsigned iteration = 1; iteration <= most_iterations; ++iteration) {
    Moments negative;
    Moments positive;
    for (const double sample : samples) {
      const double probability = mixture.positive_probability(sample);
      negative.add(sample, 1.0 - probability);
      positive.add(sample, probability);
    }
    if (negative.weight <= 0.0 || positive.weight <= 0.0) {
      break;  // one component has died out: the last mixture stands
    }
    GaussianMixture next;
    const auto count = static_cast<double>(samples.size());
    next.negative = negative.gaussian(count, least_deviation);
    next.positive = positive.gaussian(count, least_deviation);
    next.iterations = iteration;
    const double change = largest_change(mixture, next);
    mixture = next;
    if (change <= settled * deviation) {
      break;
    }
  }
  const double means = mixture.negative.mean - mixture.positive.mean;
  const double deviations = mixture.negative.deviation - mixture.positive.deviation;
  mixture.separation = (means * means + deviations * deviations) / (deviation * deviation);
  return mixture;
}

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

bool is_possible(const NumberFormat& format) {
  try {
    check_format(format, {});
    return true;
  } catch (const ConfigurationError&) {
    return false;
  }
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
  const int asked = format.bias;
  while (!is_possible(format) && format.bias > -asked) {
    --format.bias;  // a coarser step, and fewer weights overflow
  }
  if (!is_possible(format)) {
    return plain_shift(nonzeros, width_bits, "the components' centres lie too far apart for one format");
  }
  const double alpha = best_alpha(nonzeros, fitted);
  fitted.note = fmt::format(
      "means {:.4g} and {:.4g}, deviations {:.4g} and {:.4g}, separation {:.3f}, alpha {:.4f}, {} iterations",
      mixture.negative.mean, mixture.positive.mean, mixture.negative.deviation, mixture.positive.deviation,
      mixture.separation, alpha, mixture.iterations);
  if (format.bias != asked) {
    fitted.note += fmt::format(", bias {} for {}, for mantissas that are not too wide", format.bias, asked);
  }
  fitted.code.scale *= alpha;
  return fitted;
}

}  // namespace lacuna
