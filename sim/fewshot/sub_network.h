#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/fewshot/few_shot_recipe.h"

namespace lacuna {

/// Networks to choose among, after H-Meta-NAS (Zhao et al., NeurIPS 2022; widths and depths are our own): up
/// to four stages of one or two convolutions, the first of each with stride 2. A convolution has a kernel of
/// 1, 3 or 5 and a ratio of channels; global expansion scales all of them.
struct SubNetwork {
  struct Convolution {
    std::uint8_t kernel = 1;  ///< position among the kernels
    std::uint8_t ratio = 0;   ///< position among the ratios
  };
  static constexpr std::size_t most_stages = 4;
  static constexpr std::size_t most_in_stage = 2;
  static constexpr std::size_t fewest_stages = 2;

  std::uint8_t stages = most_stages;  ///< adaptive number of layers: stages, and convolutions of each
  std::uint8_t expansion = 0;         ///< position among the global expansions
  std::uint8_t in_stage[most_stages] = {1, 1, 1, 1};
  Convolution convolutions[most_stages][most_in_stage];

  /// The layers as recipes have them.
  std::vector<ConvolutionConfig> layers() const;
  /// Of each, which layer of the largest network it is.
  std::vector<std::size_t> positions() const;
};

/// One choice of a network: which number it is, and from where to where it goes.
struct SubNetworkGene {
  std::uint8_t* value = nullptr;
  std::uint8_t first = 0;
  std::uint8_t count = 1;
};

/// All choices, also those of stages and convolutions that the network does not have now.
std::vector<SubNetworkGene> genes_of(SubNetwork& network);

/// The one that holds all others: the weights of another are the first channels and the middles of the
/// kernels of its own.
SubNetwork largest_sub_network();

/// A network of the space, by seed and number, every choice alike.
SubNetwork random_sub_network(std::uint64_t seed, std::uint64_t number);

}  // namespace lacuna
