#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/common/fixed_point.h"
#include "models/eie/layer.h"

namespace lacuna {

/// Vectors that are computed side by side.
inline constexpr std::size_t plain_lanes = 16;

/// The accumulators of a layer's outputs, raw, for `plain_lanes` vectors, by the definition of the machine's
/// arithmetic (contract, section 2): [row][lane]. `elements` are [column][lane], those that are not broadcast
/// 0, which adds nothing; a bias column is 1.0.
std::vector<std::int64_t> plain_sums(const eie::Layer& layer, Rounding rounding,
                                     const std::vector<std::int32_t>& elements);

}  // namespace lacuna
