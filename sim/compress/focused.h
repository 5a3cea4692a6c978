#pragma once

#include <cstdint>
#include <vector>

#include "sim/compress/fit_format.h"

namespace lacuna {

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
