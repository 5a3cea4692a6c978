#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/eie/layer.h"
#include "models/eie/parameters.h"

namespace lacuna::test {

/// A machine, a layer that fits it, and one activation vector.
struct Case {
  eie::Parameters parameters;
  eie::Layer layer;
  std::vector<std::int32_t> activations;
};

/// A random case of up to a few thousand entries: every parameter varies; densities from 0 to 1, with empty
/// columns, empty rows, all-zero activations, single rows and columns among them. The same seed gives the
/// same case.
Case random_case(std::uint64_t seed);

/// The case in one line, for messages of failing tests.
std::string describe(const Case& c);

/// A layer of `rows` x `columns` whose element (i, j) has code `codes[i * columns + j]` (0: no entry);
/// codebook element k is k; formats without fractions in 16 bits; no bias, no ReLU.
eie::Layer layer_from_dense(std::uint32_t rows, std::uint32_t columns,
                            const std::vector<std::uint8_t>& codes);

}  // namespace lacuna::test
