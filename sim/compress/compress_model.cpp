#include "sim/compress/compress_model.h"

#include <mutex>

#include "models/common/error.h"
#include "models/common/parallel_for.h"
#include "sim/compress/layer_trace.h"

namespace lacuna {
namespace {

/// Runs `work`; what it throws gets the layer's name in front.
template <class Work>
void with_layer_name(const std::string& name, Work work) {
  try {
    work();
  } catch (const CapacityError& error) {
    throw CapacityError({"", 0, name}, error.what());
  } catch (const ConfigurationError& error) {
    throw ConfigurationError({"", 0, name}, error.what());
  } catch (const InputDataError& error) {
    throw InputDataError({"", 0, name}, error.what());
  }
}

/// Compresses one layer.
class LayerCompressor {
 public:
  LayerCompressor(const ModelLayer& layer, const LayerSettings& settings, const CompressionOptions& options)
      : layer_(layer), settings_(settings), options_(options) {
    if (layer.activations.vectors > 0) {
      judge_.emplace(layer);
    }
  }

  LayerResult run() {
    LayerResult result;
    result.name = layer_.name;
    result.settings = settings_;
    WeightTensor weights = layer_.weights;
    result.pruned = prune(weights, settings_.prune);
    result.represented = represent_weights(weights.values, settings_.representation);
    result.compressed = stored(result.represented);
    result.represented.codes = {};
    result.storage = storage_of(result.compressed);
    if (judge_) {
      result.original = judge_->original();
      result.pruned_quality = judge_->judge(weights);
      result.quality = judge_->judge(expand(result.compressed));
    }
    if (options_.compare_initialisations && settings_.representation.kind == Representation::codebook) {
      result.initialisations = initialisations(weights);
    }
    result.machine = machine(result.compressed);
    return result;
  }

 private:
  CompressedLayer stored(const RepresentedWeights& represented) const {
    CompressedLayer compressed = compress_layer(layer_.name, layer_.weights.shape, represented.code,
                                                represented.codes, settings_.index_bits);
    compressed.relu = layer_.relu;
    compressed.biases = layer_.biases;
    return compressed;
  }

  std::vector<InitialisationResult> initialisations(const WeightTensor& pruned) const {
    std::vector<InitialisationResult> results;
    for (std::size_t i = 0; i < centroid_initialisation_count; ++i) {
      const auto initialisation = static_cast<CentroidInitialisation>(i);
      RepresentationOptions options = settings_.representation;
      options.initialisation = initialisation;
      if (initialisation == CentroidInitialisation::optimal &&
          !can_share_optimally(pruned.values, kmeans_options(options))) {
        continue;
      }
      const RepresentedWeights represented = represent_weights(pruned.values, options);
      InitialisationResult result;
      result.initialisation = initialisation;
      result.mean_squared_error = represented.mean_squared_error;
      if (judge_) {
        result.quality = judge_->judge(expand(stored(represented)));
      }
      results.push_back(result);
    }
    return results;
  }

  std::optional<MachineComparison> machine(const CompressedLayer& compressed) const {
    const std::optional<std::uint32_t> balanced = settings_.prune.balance_pe_count;
    if (!judge_ || (!options_.machine && (!balanced || !options_.machine_for))) {
      return std::nullopt;
    }
    const std::shared_ptr<const LayerMachine> machine =
        options_.machine ? options_.machine : options_.machine_for(*balanced, settings_.index_bits);
    MachineComparison comparison;
    comparison.pe_count = machine->pe_count();
    comparison.cost = machine->measure(trace_of(compressed, layer_.activations, {}));
    if (balanced) {
      WeightTensor plain = layer_.weights;
      PruneOptions options = settings_.prune;
      options.balance_pe_count.reset();
      prune(plain, options);
      const CompressedLayer unbalanced = stored(represent_weights(plain.values, settings_.representation));
      comparison.unbalanced = machine->measure(trace_of(unbalanced, layer_.activations, {}));
      comparison.unbalanced_quality = judge_->judge(expand(unbalanced));
    }
    return comparison;
  }

  const ModelLayer& layer_;
  const LayerSettings& settings_;
  const CompressionOptions& options_;
  std::optional<LayerJudge> judge_;
};

}  // namespace

CompressionResult compress_model(const Model& model, const std::vector<LayerSettings>& settings,
                                 const CompressionOptions& options) {
  CompressionResult result;
  result.total.name = "total";
  result.layers.resize(model.layers.size());
  std::vector<double> sizes;
  for (const ModelLayer& layer : model.layers) {
    sizes.push_back(static_cast<double>(layer.weights.values.size()));
  }
  std::mutex one_at_a_time;
  parallel_each(sizes, options.threads, [&](std::size_t i) {
    const ModelLayer& layer = model.layers[i];
    if (options.progress) {
      const std::lock_guard<std::mutex> lock(one_at_a_time);
      options.progress(layer.name);
    }
    with_layer_name(layer.name,
                    [&] { result.layers[i] = LayerCompressor(layer, settings.at(i), options).run(); });
  });
  for (const LayerResult& layer : result.layers) {
    result.total.add(layer.storage);
  }
  if (model.accuracy) {
    std::vector<WeightTensor> original;
    std::vector<WeightTensor> compressed;
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
      original.push_back(model.layers[i].weights);
      compressed.push_back(expand(result.layers[i].compressed));
    }
    result.original = model.accuracy(original);
    result.compressed = model.accuracy(compressed);
  }
  return result;
}

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
