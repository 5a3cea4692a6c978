#include "sim/compress/sensitivity.h"

namespace lacuna {

std::vector<SensitivityPoint> scan_sensitivity(const Model& model, const std::vector<LayerSettings>& settings,
                                               const std::vector<double>& densities,
                                               const CompressionOptions& options) {
  std::vector<SensitivityPoint> points;
  std::vector<WeightTensor> weights;
  for (const ModelLayer& layer : model.layers) {
    weights.push_back(layer.weights);
  }
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    const ModelLayer& layer = model.layers[i];
    std::optional<LayerJudge> judge;
    if (layer.activations.vectors > 0) {
      judge.emplace(layer);
    }
    for (const double density : densities) {
      if (options.progress) {
        options.progress(layer.name);
      }
      PruneOptions prune_options = settings.at(i).prune;
      prune_options.rule = PruneRule::density;
      prune_options.value = density;
      weights[i] = layer.weights;
      const PruneResult pruned = prune(weights[i], prune_options);
      SensitivityPoint point;
      point.layer = layer.name;
      point.target_density = density;
      point.density =
          static_cast<double>(pruned.kept_weights) / static_cast<double>(layer.weights.values.size());
      if (judge) {
        point.quality = judge->judge(weights[i]);
      }
      if (model.accuracy) {
        point.network = model.accuracy(weights);
      }
      points.push_back(point);
    }
    weights[i] = layer.weights;
  }
  return points;
}

}  // namespace lacuna
