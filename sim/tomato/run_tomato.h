#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/tomato/engine.h"
#include "sim/energy/costs.h"
#include "sim/family/result.h"
#include "sim/memory/memory_report.h"
#include "sim/network/network_file.h"
#include "sim/tomato/frame_inputs.h"
#include "sim/tomato/machine.h"
#include "sim/tomato/tomato_config.h"
#include "sim/tomato/tomato_engine.h"

namespace lacuna::tomato {

/// How many frames got the right class: the largest value of the network's result, the first of equal ones.
struct Accuracy {
  std::uint64_t correct = 0;
  std::uint64_t labelled = 0;
  std::vector<std::uint32_t> classes;  ///< of each labelled frame, as the machine sees it
};

/// What a run reads, whatever the machine is: runs of different machines can share it.
struct TomatoInputs {
  Network network;  ///< with weights and simplified where values are computed
  std::string weights_source;
  std::uint64_t multiply_accumulates_per_frame = 0;
  std::optional<FrameInputs> frames;
  LargestValues largest;  ///< empty without values
  /// Values of each layer's outputs in floating point, at most `most_samples` of them, evenly spaced over the
  /// calibration pictures; empty likewise.
  std::vector<std::vector<float>> samples;
  std::vector<std::vector<float>> results;  ///< of the network, in floating point, for these pictures
  std::vector<InputFile> files;
  std::shared_ptr<SharedParts> shared;  ///< of the runs; may be null
};

/// What a run of a tomato machine gives.
struct TomatoReport {
  std::string engine;
  std::string network;
  std::string weights_source;  ///< "real", "generated", "none (time only)"
  std::string inputs_source;
  MachineDesign machine;
  RunResult result;
  std::uint32_t frames = 0;
  std::uint64_t multiply_accumulates_per_frame = 0;  ///< of the network's weights, counted from its shapes
  std::vector<InputFile> inputs;
  std::string outputs_checksum;  ///< SHA-256 over the results, 64-bit little-endian; empty without values
  std::optional<Accuracy> accuracy;
  std::string energy_table;                          ///< its name; empty without one
  std::optional<EnergyReport> energy;                ///< by the modules of fpga_costed_machine
  std::vector<std::optional<LayerNumbers>> numbers;  ///< as in Network::layers; empty without values
  std::vector<std::string> layer_names;              ///< the same
  /// Results of the frames that are calibration pictures against floating point, and of all frames those at
  /// the ends of their format (`clipped` of `values`).
  QuantisationTally output_error;
  QuantisationTally output_ends;
  std::vector<LayerValues> values;     ///< where they were asked for
  std::optional<MemoryReport> memory;  ///< where there is a memory outside

  /// Those of the run, and those in which memory is waited for.
  std::uint64_t cycles() const { return memory ? memory->times.cycles() : result.cycles; }
};

/// Values of a layer that its formats are judged by.
inline constexpr std::size_t most_samples = 16384;

/// Multiply-accumulates of convolutions and fully connected layers for one frame, from the shapes.
std::uint64_t multiply_accumulates(const Network& network);

/// Bits of all weights that a machine holds.
std::uint64_t weight_bits(const Pipeline& pipeline, const Analysis& analysis);

/// Builds the machine and runs the frames; `data` takes the place of the configuration's and the network
/// file's. A deadlock is a ConfigurationError that explains it. Throws Lacuna's errors.
TomatoReport run_tomato(const TomatoConfig& config, const TomatoEngineOptions& options = {},
                        const std::optional<DataDescription>& data = {});

/// The same in two steps. What is loaded serves every configuration that differs in its architecture, energy
/// table and engine alone; `binary_weights` for those that ask for binary weights where `config` does not.
TomatoInputs load_tomato_inputs(const TomatoConfig& config, const std::optional<DataDescription>& data = {},
                                bool binary_weights = false);
TomatoReport run_tomato(const TomatoConfig& config, const TomatoInputs& inputs,
                        const TomatoEngineOptions& options);

/// What would be loaded, from a network in memory, with its weights, and its pictures. Throws InputDataError.
TomatoInputs tomato_inputs(const Network& network, const std::vector<Tensor>& pictures);

}  // namespace lacuna::tomato
