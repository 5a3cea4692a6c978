#pragma once

#include <string>

#include "models/common/verilator/verilated_library.h"
#include "models/eie/parameters.h"
#include "models/eie/rtl/hardware.h"

namespace lacuna::eie {

/// Path of the shared object of a machine with these parameters and depths; verilated and compiled if the
/// cache does not have it. The key is a hash of the parameters, the RTL and harness sources and the tools'
/// versions. Throws ConfigurationError when sources or tools are missing or fail.
std::string build_machine(const Parameters& parameters, const MemoryDepths& depths, const RtlBuild& build);

}  // namespace lacuna::eie
