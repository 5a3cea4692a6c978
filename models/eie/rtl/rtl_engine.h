#pragma once

#include <memory>
#include <string>

#include "models/eie/engine.h"

namespace lacuna::eie {

/// How the RTL engine gets a machine: RTL parameters are fixed when it is compiled, so each machine is
/// compiled on first use and kept.
struct RtlBuild {
  std::string source_folder;  ///< holds eie_top.sv, the other modules and harness.cpp
  std::string cache_folder;   ///< compiled machines; created if missing, shared by concurrent processes
  std::string verilator = "verilator";  ///< command
  std::string compiler = "c++";         ///< command
};

/// The machine in SystemVerilog (docs/rtl.md), verilated. Memories are loaded through the machine's I/O mode.
/// The machine is compiled in the first run, and again when a layer needs deeper memories than are compiled
/// in (powers of two beyond the published sizes). Throws ConfigurationError for impossible parameters; its
/// runs throw it, too, when sources, Verilator or compiler are missing or fail.
std::unique_ptr<Engine> make_rtl_engine(const Parameters& parameters, const RtlBuild& build);

}  // namespace lacuna::eie
