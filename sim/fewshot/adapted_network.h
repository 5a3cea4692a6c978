#pragma once

#include <cstddef>
#include <vector>

#include "sim/fewshot/few_shot_recipe.h"
#include "sim/fewshot/meta_parameters.h"
#include "sim/network/network.h"

namespace lacuna {

/// A network for one task, as its parts are laid out in a MetaLayout.
struct AdaptedWeights {
  std::vector<ConvolutionConfig> layers;
  bool pool = false;  ///< a global average pool before the last layer, in place of flattening
  std::vector<std::vector<float>> kernels;  ///< of each convolution, times what its normalisation multiplies
  std::vector<std::vector<float>> biases;   ///< of each convolution: what is left of its normalisation
  std::vector<float> head;
  std::vector<float> head_bias;
};

/// A convolution with its rectifier, padded to half its kernel, as the layer at `position`, which takes the
/// one before; without weights.
NetworkLayer convolution_layer(const ConvolutionConfig& convolution, std::size_t position);

/// The same as a network like any other: convolutions with bias and rectifier, flatten or pool, one fully
/// connected layer, softmax.
Network adapted_network(const FewShotConfig& config, const MetaLayout& layout, const AdaptedWeights& weights);

}  // namespace lacuna
