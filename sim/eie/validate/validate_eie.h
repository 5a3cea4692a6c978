#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/eie/run/engine_factory.h"

namespace lacuna {

/// Where a validation finds its machines and figures, and how it runs.
struct ValidationOptions {
  std::string architecture_folder;  ///< presets: eie-authors-simulator.yaml
  std::string reference_folder;     ///< published tables (configs/reference)
  std::string data_folder;          ///< holds alexnet_fc8; empty or without it: that part is skipped
  EngineKind engine = EngineKind::systemc;
  EngineOptions engine_options;
  std::uint64_t seed = 1;  ///< of the generated layers
};

/// A count that the authors' own simulator gives, and ours. They must be equal.
struct GroundTruth {
  std::string what;
  std::uint64_t theirs = 0;
  std::uint64_t ours = 0;
};

/// One published benchmark layer on a generated trace. Times in microseconds at the machine's clock.
struct BenchmarkTime {
  std::string layer;
  double published_theoretical_us = 0.0;
  double published_actual_us = 0.0;
  double theoretical_us = 0.0;
  double actual_us = 0.0;
  double batched_us =
      0.0;  ///< the same with 64-entry register files, whose batches the published times leave out

  double difference() const { return actual_us / published_actual_us - 1.0; }
};

struct EieValidation {
  bool ground_truth_found = false;
  std::vector<GroundTruth> ground_truth;
  std::vector<BenchmarkTime> benchmarks;

  static constexpr double tolerance = 0.11;        ///< of the published actual time
  static constexpr std::size_t layers_needed = 7;  ///< of nine within the tolerance

  std::size_t layers_within_tolerance() const;
  bool passed() const;
};

/// Runs the machine of the EIE authors' simulator (preset eie-authors-simulator) on the authors' own layer
/// and on the nine published layers, and puts published figures beside ours. Nothing is fitted. Sources: Han
/// et al., ISCA 2016, Tables III and IV; eie_authors_simulator.csv. Throws Lacuna's errors.
EieValidation validate_eie(const ValidationOptions& options);

/// The tables as text, Markdown, lines ending with a line feed.
std::string validation_text(const EieValidation& validation);

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
