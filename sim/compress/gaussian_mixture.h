#pragma once

#include <optional>
#include <vector>

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

}  // namespace lacuna
