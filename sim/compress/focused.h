#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/compress/represent.h"

namespace lacuna {

/// One component of a mixture.
struct Gaussian {
  double mean = 0.0;
  double deviation = 1.0;
  double share = 0.5;  ///< lambda
};

/// Mixture of two Gaussians, started from the negative and the positive weights.
struct GaussianMixture {
  Gaussian negative;
  Gaussian positive;
  double separation = 0.0;  ///< ((mean1 - mean2)^2 + (deviation1 - deviation2)^2) / variance of all weights
  unsigned iterations = 0;

  /// Probability that `weight` belongs to the positive component.
  double positive_probability(double weight) const;
};

/// Expectation maximisation (source: Zhao et al., NeurIPS 2019, section 3.3); of more than 2^17 weights as
/// many evenly spaced quantiles stand for all. Nothing when these have one sign, for then there are no two
/// components to start from. Uses only operations whose results IEEE 754 fixes, so the mixture is the same on
/// every machine.
std::optional<GaussianMixture> fit_mixture(const std::vector<float>& weights);

/// Least Wasserstein separation of the two components with which recentralised shift is used (source: Zhao et
/// al., NeurIPS 2019, section 3.4).
inline constexpr double least_separation = 2.0;

/// Focused quantisation of nonzero weights: a mixture of two Gaussians, each weight in a component drawn in
/// proportion to its likelihood (seeded), and a shift around the component's mean. As hardware has it: the
/// means over the common deviation are rounded to powers of two, and deviation and alpha are the scale; alpha
/// has the least squared error (ours; published: trained). The common deviation is the root of the mean
/// variance (ours). Plain shift of the same width where the separation is below `least_separation`, where
/// weights of one sign are missing, or where a mean lies on the other side of zero.
FittedFormat fit_focused(const std::vector<float>& nonzeros, int width_bits, std::uint64_t seed);

}  // namespace lacuna
