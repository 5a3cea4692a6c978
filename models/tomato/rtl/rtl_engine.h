#pragma once

#include <memory>
#include <vector>

#include "models/common/verilator/verilated_library.h"
#include "models/tomato/engine.h"
#include "models/tomato/rtl/data_plane.h"

namespace lacuna::tomato {

/// The pipeline in SystemVerilog, as it is generated (emit_design.h), verilated: compiled when the engine is
/// made, unless the cache has it. Which FIFOs are pushed and popped, the sink's values and what
/// requantisations clip are seen in every cycle; all figures come from them. Runs have values; intervals of
/// classes are not counted. Throws ConfigurationError for units that have no hardware, and when sources or
/// tools are missing or fail.
std::unique_ptr<Engine> make_rtl_engine(const Pipeline& pipeline, const Parameters& parameters,
                                        const RtlBuild& build, DataPlane plane = DataPlane::sliced);

/// A machine of several that are compiled together.
struct RtlMachine {
  Pipeline pipeline;
  Parameters parameters;
  DataPlane data_plane = DataPlane::sliced;
  bool halves_products = false;  ///< DesignOptions::halves_products
};
/// The engines of several small machines, from one compilation with little optimisation.
std::vector<std::unique_ptr<Engine>> make_rtl_engines(const std::vector<RtlMachine>& machines,
                                                      const RtlBuild& build);

}  // namespace lacuna::tomato
