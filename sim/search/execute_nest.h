#pragma once

#include <cstdint>
#include <vector>

#include "sim/search/nest.h"
#include "sim/search/operator_transformations.h"

namespace lacuna {

/// Runs a nest as it stands: loop in loop, product after product, unrolled loops in their order. This is what
/// a schedule means, slow and literal.
///
/// `inputs`: [channel][row][column]; `weights`: [band][group][output][input][row][column]; result:
/// [channel][row][column]. For std::int64_t (exact; overflow is the caller's care) and double. Throws
/// std::invalid_argument for other sizes.
template <class Value>
std::vector<Value> execute(const LoopNest& nest, const std::vector<Value>& inputs,
                           const std::vector<Value>& weights);

/// The branches, their outputs one behind the other, upsampled. `weights`: of each branch.
template <class Value>
std::vector<Value> execute(const Operation& operation, const std::vector<Value>& inputs,
                           const std::vector<std::vector<Value>>& weights);

}  // namespace lacuna
