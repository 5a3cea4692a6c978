#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/memory/schedule.h"
#include "models/tomato/engine.h"
#include "sim/family/engine.h"
#include "sim/family/layer_values.h"
#include "sim/tomato/tomato_config.h"

namespace lacuna::tomato {

/// How far a run is.
struct FrameProgress {
  std::uint32_t done = 0;
  std::uint32_t frames = 0;
};

/// How an engine is made and runs.
struct TomatoEngineOptions {
  std::string wave_file;  ///< SystemC: waveforms; empty for none
  std::string wave_only;  ///< of these signals; empty for all
  unsigned threads = 1;   ///< timeline: threads that share the frames' values
  WantedValues values = {};
  std::optional<std::uint64_t> interval_cycles = std::nullopt;  ///< as in RunInput
  RunTrace* trace = nullptr;                                    ///< as in RunInput
  memory::RequestSink memory_requests = nullptr;                ///< gets requests, where there is a memory
  DataPlane data_plane = DataPlane::sliced;                     ///< RTL
  std::string rtl_source_folder;                                ///< RTL: models/tomato/rtl
  std::string rtl_cache_folder;                                 ///< RTL: where compiled machines are kept
  bool in_child_process = false;  ///< SystemC: in a forked process, so that others can follow; no waves
  /// Called now and then in the calling thread, never from a forked process; may throw to stop the run.
  std::function<void(const FrameProgress&)> progress = nullptr;
};

/// What the engines can do, in the order of EngineKind.
const std::vector<EngineInfo>& tomato_engines();
/// The engine of a name among them. Throws ConfigurationError.
EngineKind engine_kind(const std::string& name);

/// Where the machine's SystemVerilog lies below the folder of models.
std::string rtl_sources(const std::string& models);

/// Makes an engine in this process; SystemC elaborates once per process. Throws ConfigurationError for
/// engines that this build or this machine does not have.
std::unique_ptr<Engine> make_engine(EngineKind kind, const Pipeline& pipeline, const Parameters& parameters,
                                    const TomatoEngineOptions& options = {});

}  // namespace lacuna::tomato
