#pragma once

#include <cstdint>

#include "models/tomato/engine.h"

namespace lacuna::test {

/// MobileNet-V1 (width 1.0) as a pipeline for pictures of `side` x `side` pixels: smallest unroll factors
/// with which every unit keeps up with one input pixel per cycle, FIFOs of `depth`. 8-bit fixed-point weights
/// and activations, without weights.
tomato::Pipeline mobilenet(std::uint32_t side, std::uint32_t depth);

/// Its pointwise and depthwise layers with random weights of 4-bit shifts and scales that use the formats'
/// ranges.
void give_weights(tomato::Pipeline& pipeline, const tomato::Parameters& parameters, std::uint64_t seed);

}  // namespace lacuna::test
