#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "models/eie/engine.h"
#include "models/eie/layer.h"
#include "sim/data/trace/quantise.h"
#include "sim/eie/run/layer_report.h"

namespace lacuna {

/// Called before each vector with its number and their count; may throw to stop the run.
using VectorProgress = std::function<void(std::size_t vector, std::size_t vectors)>;

/// A layer's runs: counts, and the outputs of each vector if they were asked for.
struct LayerRun {
  RunSums sums;
  std::vector<std::uint64_t> vector_cycles;  ///< of each vector's run
  std::vector<PeReport> pes;
  std::uint64_t stored_entries = 0;
  std::uint64_t padding_entries = 0;
  std::vector<std::vector<std::int32_t>> outputs;
};

/// The counts of one run, all PEs together.
RunSums sums_of(const eie::RunResult& result);

/// Adds one vector's result, whose outputs, if any, move into the run; its PEs are known.
void add_result(eie::RunResult result, LayerRun& run);

/// Encodes the layer for a machine and checks that it fits. Throws CapacityError; for a layer whose rows were
/// reordered, `natural` is the matrix as it was, and the error says whether that would fit.
eie::MemoryImage fitting_image(const eie::Parameters& machine, const eie::Layer& layer,
                               const eie::CodedMatrix* natural = nullptr);

/// The same with what this engine needs of an image.
eie::MemoryImage fitting_image(eie::Engine& engine, const eie::Layer& layer,
                               const eie::CodedMatrix* natural = nullptr);

/// Runs all vectors of a layer; `image` is that of the layer for the engine's machine.
LayerRun run_layer(eie::Engine& engine, const QuantisedLayer& layer, const eie::MemoryImage& image,
                   eie::Outputs outputs, const VectorProgress& progress);

/// SHA-256 of outputs, vector after vector, each value as a little-endian 32-bit integer.
std::string outputs_checksum(const std::vector<std::vector<std::int32_t>>& outputs);

/// Compares the position of each vector's largest output (the first among equals) with its label.
Classification classify(const std::vector<std::vector<std::int32_t>>& outputs,
                        const std::vector<std::int32_t>& labels);

}  // namespace lacuna
