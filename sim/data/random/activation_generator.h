#pragma once

#include "sim/data/random/generated_layer.h"
#include "sim/data/trace/trace.h"

namespace lacuna {

/// The activation vectors of a generated layer: in each, exactly round(density * inputs) positive values,
/// multiples of 1/4096 below 8, at positions drawn without replacement (selection sampling: Knuth, volume 2,
/// algorithm 3.4.2 S).
ActivationSet generate_activations(const GeneratedLayer& layer);

}  // namespace lacuna
