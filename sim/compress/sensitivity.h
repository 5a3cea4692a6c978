#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/compress/compress_model.h"

namespace lacuna {

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
