#include "sim/compress/gaussian_mixture.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

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

}  // namespace lacuna
