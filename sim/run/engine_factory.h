#pragma once

#include <memory>
#include <string>

#include "models/eie/engine.h"
#include "sim/config/run_config.h"

namespace lacuna {

/// Name of an engine, as in configurations and reports.
std::string engine_name(EngineKind kind);

/// Makes an engine for a machine. `wave_path`, if not empty, is a VCD file to write, which only the SystemC
/// engine can. Throws ConfigurationError when the engine is not part of this build, cannot do what is asked,
/// or refuses the machine.
std::unique_ptr<eie::Engine> make_engine(EngineKind kind, const eie::Parameters& machine,
                                         const std::string& wave_path = {});

}  // namespace lacuna
