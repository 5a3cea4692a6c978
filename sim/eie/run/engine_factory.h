#pragma once

#include <memory>
#include <string>

#include "models/eie/engine.h"
#include "sim/eie/config/run_config.h"
#include "sim/family/engine.h"

namespace lacuna {

/// What the engines can do, in the order of EngineKind.
const std::vector<EngineInfo>& eie_engines();
/// Name of an engine, as in configurations and reports; its number where the program has no such engine.
std::string engine_name(EngineKind kind);
/// The engine of a name among `eie_engines`. Throws ConfigurationError.
EngineKind engine_kind(const std::string& name);

/// Makes an engine for a machine. Throws ConfigurationError when the engine is not part of this build, cannot
/// do what is asked, or refuses the machine.
std::unique_ptr<eie::Engine> make_engine(EngineKind kind, const eie::Parameters& machine,
                                         const EngineOptions& options = {});

}  // namespace lacuna
