#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/tomato/rtl/rtl_engine.h"
#include "tests/models/tomato/random_pipeline.h"

namespace lacuna::test {

/// The shipped modules, and a cache in the build folder. LACUNA_RTL_SOURCES (modules of all machines: a
/// folder with tomato_*.sv) and LACUNA_RTL_CACHE replace them, for seeded faults.
RtlBuild tomato_rtl_build();

/// So many random pipelines, from this seed on.
std::vector<PipelineCase> hardware_cases(std::uint64_t first_seed, std::size_t count,
                                         PipelineCase (*random_case)(std::uint64_t seed) = random_pipeline);

/// Compiles all cases together and checks each against SystemC, in every number. The RTL engine itself holds
/// every push and pop against the contract. Returns how many deadlocked, in both. With `alternate` every
/// second case is made in the other data plane.
std::size_t check_hardware(const std::vector<PipelineCase>& cases,
                           tomato::DataPlane plane = tomato::DataPlane::sliced, bool alternate = false);

}  // namespace lacuna::test
