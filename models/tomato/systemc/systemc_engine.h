#pragma once

#include <memory>
#include <string>

#include "models/common/systemc/wave_file.h"
#include "models/tomato/engine.h"

namespace lacuna::tomato {

/// Options of the clocked engine that are not parameters of the machine.
struct SystemCOptions {
  std::string wave_path;       ///< VCD file of all runs, one after the other; empty for none
  std::string wave_only = {};  ///< names of the signals in it (WaveFile); empty: all
};

/// The reference: the pipeline as SystemC modules, one per unit (docs/microarchitecture-tomato.md), in a test
/// bench of its own. The engine runs the kernel, which elaborates once per process, so a second call throws
/// ConfigurationError; use `make_forked_systemc_engine` for several. (To place machines in a platform use the
/// module, machine.h.) Throws ConfigurationError for impossible pipelines. The wave file appears, complete,
/// with `Engine::finish`.
std::unique_ptr<Engine> make_systemc_engine(const Pipeline& pipeline, const Parameters& parameters,
                                            const SystemCOptions& options = {});

/// An engine whose every run happens in a forked child process with a SystemC machine of its own. The calling
/// process should have no other threads. A child that throws has its error rethrown here.
std::unique_ptr<Engine> make_forked_systemc_engine(const Pipeline& pipeline, const Parameters& parameters);

}  // namespace lacuna::tomato
