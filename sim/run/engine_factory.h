#pragma once

#include <memory>
#include <string>

#include "models/eie/engine.h"
#include "sim/config/run_config.h"

namespace lacuna {

/// Name of an engine, as in configurations and reports.
std::string engine_name(EngineKind kind);

/// What engines need besides the machine.
struct EngineOptions {
  std::string wave_path;          ///< VCD file, which only the SystemC engine can write; empty for none
  std::string rtl_source_folder;  ///< SystemVerilog sources of the RTL engine
  std::string rtl_cache_folder;   ///< where the RTL engine keeps compiled machines
};

/// Makes an engine for a machine. Throws ConfigurationError when the engine is not part of this build, cannot
/// do what is asked, or refuses the machine.
std::unique_ptr<eie::Engine> make_engine(EngineKind kind, const eie::Parameters& machine,
                                         const EngineOptions& options = {});

}  // namespace lacuna
