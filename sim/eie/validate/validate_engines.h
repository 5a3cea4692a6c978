#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/eie/validate/validate_eie.h"

namespace lacuna {

/// One layer on one engine, all its vectors: cycles, and how many numbers differ from the SystemC engine's
/// (cycles, every class and event of every PE, control events, outputs).
struct EngineCycles {
  std::string engine;
  std::uint64_t cycles = 0;
  std::uint64_t differences = 0;
};

struct LayerOnEngines {
  std::string layer;
  std::string machine;  ///< preset
  std::uint64_t vectors = 0;
  std::vector<EngineCycles> engines;  ///< SystemC first
};

struct EngineValidation {
  std::vector<LayerOnEngines> layers;
  bool passed() const;
};

/// Runs real and published layers on the SystemC engine and on `engines`, and compares every number of every
/// run: the nine published layers on the preset eie-authors-simulator, the checked-in traces (in
/// `trace_folder`) on the published machine, with an 8-bit codebook for SqueezeNet. Throws Lacuna's errors.
EngineValidation validate_engines(const ValidationOptions& options, const std::string& trace_folder,
                                  const std::vector<EngineKind>& engines);

std::string validation_text(const EngineValidation& validation);

}  // namespace lacuna
