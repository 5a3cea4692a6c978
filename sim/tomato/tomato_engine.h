#pragma once

#include <memory>
#include <string>

#include "models/tomato/engine.h"
#include "sim/family/engine.h"

namespace lacuna::tomato {

/// How an engine is made.
struct TomatoEngineOptions {
  std::string wave_file;          ///< SystemC: waveforms; empty for none
  unsigned threads = 1;           ///< timeline: threads that share the frames' values
  bool in_child_process = false;  ///< SystemC: in a forked process, so that others can follow; no waves
};

/// Makes an engine in this process; SystemC elaborates once per process. Throws ConfigurationError for
/// engines that this build or this machine does not have.
std::unique_ptr<Engine> make_engine(EngineKind kind, const Pipeline& pipeline, const Parameters& parameters,
                                    const TomatoEngineOptions& options = {});

}  // namespace lacuna::tomato
