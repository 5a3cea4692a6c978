#pragma once

#include "sim/family/family.h"
#include "sim/tomato/run_tomato.h"

namespace lacuna::tomato {

/// The machine of a configuration as a project of SystemVerilog (docs/generate.md): the modules that it
/// needs, its top, memories, a test bench with frames and what they must give, a Makefile, clock constraints,
/// a README and a manifest. Throws what building and running the machine throws, and ConfigurationError for
/// units that have no hardware and for a name that is none.
Hardware hardware_project(const TomatoConfig& config, const HardwareRequest& request);

}  // namespace lacuna::tomato
