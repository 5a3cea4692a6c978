#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/compress/model.h"

namespace lacuna {

/// What other weights do to a layer's outputs (before ReLU) under its activations.
struct LayerQuality {
  double output_error = 0.0;  ///< root of (sum of squared differences / sum of squared outputs)
  std::optional<Classification> classification;  ///< largest output against label, the first among equals
};

/// Outputs of a layer with its own weights, kept to judge others by.
class LayerJudge {
 public:
  /// Keeps a reference to the layer, which needs activations.
  explicit LayerJudge(const ModelLayer& layer);

  LayerQuality judge(const WeightTensor& weights) const;
  /// The classes that the layer's own weights get right.
  std::optional<Classification> original() const { return original_; }

 private:
  std::vector<double> outputs_of(const WeightTensor& weights) const;
  std::optional<Classification> classify(const std::vector<double>& outputs) const;

  const ModelLayer& layer_;
  std::vector<double> outputs_;
  std::optional<Classification> original_;
};

}  // namespace lacuna
