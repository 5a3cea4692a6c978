#include "sim/network/load_weights.h"

#include <algorithm>
#include <map>
#include <utility>

#include "sim/network/dense_weights.h"

namespace lacuna {
namespace {

/// Loads the layers of one network; reads a `.net` file once.
class WeightLoader {
 public:
  LayerWeights load(const NetworkLayer& layer, const TensorShape& input) {
    const WeightSource& source = layer.weight_source;
    if (layer.kind == LayerKind::batch_normalization) {
      const BatchNormalizationSource& files = layer.batch_normalization;
      for (const FilePath* file : {&files.gamma, &files.beta, &files.mean, &files.variance}) {
        add(*file);
      }
      return batch_normalization_weights(layer, input.channels);
    }
    for (const FilePath* file :
         {&source.npy, &source.recurrent, &source.bias, &source.han_net, &source.trace}) {
      add(*file);
    }
    if (!source.han_net.empty()) {
      const std::string& name = source.layer.empty() ? layer.name : source.layer;
      return weights_of_han(layer, input, find_han_net_layer(han_net(source.han_net.resolved), name));
    }
    if (!source.trace.empty()) {
      return weights_of_trace(layer, input);
    }
    return source.generate ? generated_weights(layer, input) : weights_of_npy(layer, input);
  }

  std::vector<std::string> take_files() { return std::move(files_); }

 private:
  void add(const FilePath& file) {
    if (!file.empty() && std::find(files_.begin(), files_.end(), file.resolved) == files_.end()) {
      files_.push_back(file.resolved);
    }
  }

  const std::vector<HanNetLayer>& han_net(const std::string& path) {
    const auto found = han_nets_.find(path);
    return found != han_nets_.end()
               ? found->second
               : han_nets_.emplace(path, read_han_net(path, squeezenet_shapes())).first->second;
  }

  std::map<std::string, std::vector<HanNetLayer>> han_nets_;
  std::vector<std::string> files_;
};

}  // namespace

std::vector<std::string> load_weights(Network& network) {
  WeightLoader loader;
  for (NetworkLayer& layer : network.layers) {
    const bool needs = has_weights(layer.kind) || layer.kind == LayerKind::batch_normalization;
    if (needs && layer.weights == nullptr) {
      layer.weights = std::make_shared<const LayerWeights>(loader.load(layer, network.input_of(layer).shape));
    }
  }
  return loader.take_files();
}

}  // namespace lacuna
