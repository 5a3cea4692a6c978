#pragma once

#include <cstdint>
#include <vector>

#include "models/eie/engine.h"

namespace lacuna::test {

/// The machine of docs/microarchitecture.md, cycle by cycle in plain loops: slow, without SystemC and without
/// the recurrences that it is to judge.
eie::RunResult run_naive_machine(const eie::Parameters& parameters, const eie::Layer& layer,
                                 const eie::MemoryImage& image, const std::vector<std::int32_t>& activations);

}  // namespace lacuna::test
