#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/eie/parameters.h"

namespace lacuna::test {

struct NamedMachine {
  std::string name;
  eie::Parameters parameters;
};

/// Corner machines: one PE, PE counts that are no power of four, queue depth 1, index bits 2, no bypass, no
/// prefetch, row and column batches with words that split activations, narrow accumulators.
std::vector<NamedMachine> corner_machines();

/// A random machine of up to 24 PEs, every parameter varied; the same seed gives the same machine.
NamedMachine random_machine(std::uint64_t seed);

}  // namespace lacuna::test
