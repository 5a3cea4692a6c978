#pragma once

#include <cstdint>

#include "models/eie/parameters.h"
#include "tests/models/eie/random_case.h"

namespace lacuna::test {

/// A random layer and activation vector that fit the machine. The seed modulo 9 chooses the kind: every
/// column empty; one dense column; all-zero activations; only each row's last position active; extreme
/// weights and activations (overflow and saturation); several row and column batches; long empty stretches
/// (padding); few rows (neighbouring columns meet in one accumulator); nothing special. The same machine and
/// seed give the same layer.
Case random_layer(const eie::Parameters& parameters, std::uint64_t seed);

}  // namespace lacuna::test
