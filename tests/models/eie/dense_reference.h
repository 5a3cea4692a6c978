#pragma once

#include <cstdint>
#include <vector>

#include "models/eie/layer.h"
#include "models/eie/parameters.h"

namespace lacuna::test {

/// Outputs of a layer by plain dense integer arithmetic, written independently of
/// models/common/fixed_point.h: a rows x columns array of weights, 128-bit intermediates, columns in
/// ascending order (contract, section 2).
std::vector<std::int32_t> dense_reference(const eie::Parameters& parameters, const eie::Layer& layer,
                                          const std::vector<std::int32_t>& activations);

}  // namespace lacuna::test
