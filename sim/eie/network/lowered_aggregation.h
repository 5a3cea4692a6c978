#pragma once

#include <memory>

#include "sim/eie/network/lowered_layer.h"

namespace lacuna {

/// A sum or mean over a graph: the adjacency matrix with its coefficients is the sparse matrix, shared in a
/// codebook like weights, and each channel a vector. Each head of the attention is a product of its own.
/// Where coefficients follow from features, the host computes them from the machine's integers for every
/// input and looks up the nearest shared value; the codebook is that of the first calibration input.
std::unique_ptr<LoweredLayer> lower_aggregation(const NetworkLayer& layer, const TensorShape& input,
                                                const LoweringOptions& options);

/// What the host computes of an aggregation beside the reduction, for one input: coefficients that follow
/// from features. A division counts as a multiplication.
HostWork attention_work(const NetworkLayer& layer);

/// The same for an aggregation that it computes whole (`reduction: max`).
HostWork aggregation_work(const NetworkLayer& layer);

}  // namespace lacuna
