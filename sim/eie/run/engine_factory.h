#pragma once

#include <memory>
#include <string>

#include "models/eie/engine.h"
#include "sim/family/engine.h"

namespace lacuna {

/// Makes an engine for a machine. Throws ConfigurationError when the engine is not part of this build, cannot
/// do what is asked, or refuses the machine.
std::unique_ptr<eie::Engine> make_engine(EngineKind kind, const eie::Parameters& machine,
                                         const EngineOptions& options = {});

}  // namespace lacuna
