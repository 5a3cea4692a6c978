#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/compress/compressed_layer.h"
#include "sim/compress/layer_quality.h"
#include "sim/compress/model.h"
#include "sim/compress/prune.h"
#include "sim/compress/represent.h"
#include "sim/family/layer_cost.h"

namespace lacuna {

/// How one layer is compressed.
struct LayerSettings {
  PruneOptions prune;
  RepresentationOptions representation;
  std::uint32_t index_bits = 4;  ///< of the relative index, 1 to 16
};

/// Error of k-means from one initialisation (Fig. 4.3 of Han's thesis).
struct InitialisationResult {
  CentroidInitialisation initialisation = CentroidInitialisation::linear;
  double mean_squared_error = 0.0;
  std::optional<LayerQuality> quality;
};

/// The layer on a machine, pruned as asked and, for balanced pruning, to the same density without balancing.
struct MachineComparison {
  std::uint32_t pe_count = 0;
  LayerCost cost;
  std::optional<LayerCost> unbalanced;
  std::optional<LayerQuality> unbalanced_quality;
};

/// One layer's way through the pipeline.
struct LayerResult {
  std::string name;
  LayerSettings settings;
  PruneResult pruned;
  RepresentedWeights represented;  ///< its codes are in `compressed`; empty here
  CompressedLayer compressed;
  LayerStorage storage;
  std::optional<LayerQuality> pruned_quality;  ///< after pruning alone
  std::optional<LayerQuality> quality;         ///< after pruning and coding
  std::optional<Classification> original;      ///< of the layer's own weights
  std::vector<InitialisationResult> initialisations;
  std::optional<MachineComparison> machine;
};

/// What is done besides compressing.
struct CompressionOptions {
  bool compare_initialisations = false;
  /// Where layers with activations run; null: only layers pruned for balanced PEs do, on `machine_for`.
  std::shared_ptr<const LayerMachine> machine;
  /// Makes a machine with so many PEs and index bits.
  std::function<std::unique_ptr<LayerMachine>(std::uint32_t pe_count, std::uint32_t index_bits)> machine_for;
  /// Called before each layer, by one thread at a time; may throw to stop.
  std::function<void(const std::string& layer)> progress;
  std::size_t threads = 1;  ///< layers that are compressed at a time; the result does not depend on it
};

struct CompressionResult {
  std::vector<LayerResult> layers;
  LayerStorage total;
  std::optional<Classification> original;    ///< of the whole network
  std::optional<Classification> compressed;  ///< of the whole network with the compressed weights
};

/// Prunes, codes and stores every layer; `settings` has one element for each. Throws ConfigurationError and
/// InputDataError, naming the first layer that fails.
CompressionResult compress_model(const Model& model, const std::vector<LayerSettings>& settings,
                                 const CompressionOptions& options);

/// One layer pruned to one density, everything else as it was.
struct SensitivityPoint {
  std::string layer;
  double target_density = 1.0;
  double density = 1.0;  ///< weights that are left / all weights; less than the target where there were fewer
  std::optional<LayerQuality> quality;    ///< where the layer has activations
  std::optional<Classification> network;  ///< where the model knows its accuracy
};

/// Sensitivity of every layer to pruning (Han's thesis, section 3.2): each layer alone at each density, with
/// the granularity and balance of its settings, not coded.
std::vector<SensitivityPoint> scan_sensitivity(const Model& model, const std::vector<LayerSettings>& settings,
                                               const std::vector<double>& densities,
                                               const CompressionOptions& options);

}  // namespace lacuna
