#pragma once

#include <memory>
#include <string>

#include "models/common/systemc/wave_file.h"
#include "models/eie/engine.h"

namespace lacuna::eie {

/// Options of the clocked engine that are not parameters of the machine.
struct SystemCOptions {
  std::string wave_path;       ///< VCD file of all runs, one after the other; empty for none
  std::string wave_only = {};  ///< names of the signals in it (WaveFile); empty: all
};

using lacuna::unfinished_wave_path;

/// The reference: the machine as SystemC modules, one per unit of the published block diagram
/// (docs/microarchitecture.md), in a test bench of its own. The engine runs the kernel, which elaborates once
/// per process, so a second call throws ConfigurationError; use `make_forked_engine` for several. (To place
/// machines in a platform use the module, machine.h.) Throws ConfigurationError for impossible parameters.
/// The wave file appears, complete, with `Engine::finish`.
std::unique_ptr<Engine> make_systemc_engine(const Parameters& parameters, const SystemCOptions& options = {});

}  // namespace lacuna::eie
