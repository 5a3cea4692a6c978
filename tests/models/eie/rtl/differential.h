#pragma once

#include <cstdint>
#include <string>

#include "models/eie/rtl/rtl_engine.h"
#include "tests/models/eie/machine_runs.h"
#include "tests/models/eie/rtl/machines.h"

namespace lacuna::test {

/// Sources and cache of compiled machines for tests. LACUNA_RTL_SOURCES and LACUNA_RTL_CACHE in the
/// environment replace the source tree's RTL and the build folder's cache.
RtlBuild test_rtl_build();

/// The first difference between two runs: cycles, counters, outputs, order and cycle of the broadcasts, queue
/// occupancies of each cycle. Empty if there is none.
std::string first_difference(const ObservedRun& expected, const ObservedRun& actual);

/// Runs layers of seeds first..first+count-1 on SystemC and on RTL and requires equal runs and outputs equal
/// to plain integer arithmetic.
void check_layers(const NamedMachine& machine, std::uint64_t first_seed, std::uint64_t count);

}  // namespace lacuna::test
