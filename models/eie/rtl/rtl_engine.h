#pragma once

#include <memory>

#include "models/common/verilator/verilated_library.h"
#include "models/eie/engine.h"

namespace lacuna::eie {

/// The machine in SystemVerilog (docs/rtl.md), verilated: RTL parameters are fixed when it is compiled, so
/// each machine is compiled on first use and kept. Memories are loaded through the machine's I/O mode. The
/// machine is compiled in the first run, and again when a layer needs deeper memories than are compiled in
/// (powers of two beyond the published sizes). Throws ConfigurationError for impossible parameters; its runs
/// throw it, too, when sources, Verilator or compiler are missing or fail.
std::unique_ptr<Engine> make_rtl_engine(const Parameters& parameters, const RtlBuild& build);

}  // namespace lacuna::eie
