#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/network/network.h"
#include "sim/search/blocks.h"

namespace lacuna {

/// A skeleton with blocks, as layers.
struct BlockNetwork {
  Network network;  ///< whose weights are to be generated (load_weights.h)
  /// Of each block the last convolution before the addition: where BlockSwap's Fisher potential is taken.
  std::vector<std::size_t> probes;
  /// Of each block the last layer: the addition, rectified.
  std::vector<std::size_t> ends;
  /// Of each block its convolutions, as positions in Network::layers.
  std::vector<std::vector<std::size_t>> convolutions;
};

/// The network of a type for each place. Unlike the published ones, blocks rectify behind their convolutions
/// and behind their addition (He et al., CVPR 2016), not before them: so each normalisation follows a
/// convolution and becomes part of its weights and biases, and no machine needs a unit for it. A 3x3
/// convolution as stem, an average over the map and a fully connected layer as classifier. Throws
/// ConfigurationError for another number of types, and for channels that a type does not divide.
BlockNetwork block_network(const Skeleton& skeleton, const std::vector<BlockType>& types);

/// What a machine stores of convolutions: weights, and a bias for each output.
std::uint64_t stored_parameters(const BlockLayers& layers);

/// The same of a whole network.
std::uint64_t stored_parameters(const Network& network);

/// Products of a whole network for one image.
std::uint64_t network_products(const Network& network);

}  // namespace lacuna
