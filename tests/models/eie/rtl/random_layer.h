#pragma once

#include <cstdint>

#include "models/eie/parameters.h"
#include "tests/models/eie/random_case.h"

namespace lacuna::test {

/// A random layer and activation vector that fit the machine. Seeds 0..7 modulo 8 are special: every column
/// empty; one dense column; all-zero activations; only each row's last position active; extreme weights and
/// activations (overflow and saturation); several row and column batches; long empty stretches (padding); all
/// else random. The same machine and seed give the same layer.
Case random_layer(const eie::Parameters& parameters, std::uint64_t seed);

}  // namespace lacuna::test
