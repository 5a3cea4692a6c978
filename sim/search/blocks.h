#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/search/operator_transformations.h"

namespace lacuna {

/// The blocks that BlockSwap (Turner, Crowley, O'Boyle, Storkey and Gray, ICLR 2020) chooses from, as its
/// published code has them: 23 types. A block has one of these in place of its 3x3 convolutions, between a
/// batch normalisation of its inputs and the addition of its shortcut (a 1x1 convolution where channels
/// change).
struct BlockType {
  enum class Shape {
    plain,       ///< twice: 3x3
    separated,   ///< twice: 3x3 in groups without change of channels, then 1x1 (batch normalisation between)
    bottleneck,  ///< once: 1x1 to fewer channels, 3x3 in groups, 1x1 (batch normalisation between)
    transformed  ///< twice: 3x3, transformed as `operation` says; none of the 23 (block_operations.h)
  };
  /// How many groups the 3x3 convolution has: `groups`, or its channels over `groups`, or its channels.
  enum class Grouping { count, channels_per_group, depthwise };

  std::string name;  ///< as in the published code
  Shape shape = Shape::plain;
  Grouping grouping = Grouping::count;
  std::uint32_t groups = 1;   ///< a number of groups or of channels, as `grouping` says
  std::uint32_t divisor = 1;  ///< bottleneck: output channels over those of the 3x3 convolution
  std::optional<OperatorTransformation> operation{};
  std::optional<std::uint32_t> inner{};  ///< transformed: channels in between; empty: as many as outputs
};

/// All 23.
const std::vector<BlockType>& block_types();

/// Throws ConfigurationError for a name that none has.
const BlockType& block_type(std::string_view name);

/// A convolution of a block, without bias.
struct BlockConvolution {
  std::uint32_t inputs = 1;
  std::uint32_t outputs = 1;
  std::uint32_t kernel = 1;  ///< height and width
  std::uint32_t groups = 1;
  std::uint32_t stride = 1;
  bool is_shortcut = false;  ///< beside the others, from the block's input

  std::uint64_t parameters() const { return std::uint64_t{inputs} * outputs / groups * kernel * kernel; }
};

/// A place for a block in a skeleton.
struct BlockPlace {
  std::uint32_t inputs = 1;
  std::uint32_t outputs = 1;
  std::uint32_t stride = 1;
  std::uint32_t height = 1;  ///< of the inputs
  std::uint32_t width = 1;
};

/// What a block consists of in a place.
struct BlockLayers {
  std::vector<BlockConvolution> convolutions;  ///< in their order; the shortcut last
  std::vector<std::uint32_t> normalised;       ///< channels of each batch normalisation
};

/// Throws ConfigurationError when the place's channels do not divide into the block's groups or its
/// bottleneck.
BlockLayers block_layers(const BlockType& type, const BlockPlace& place);

/// Weights, and two for each channel of a batch normalisation.
std::uint64_t block_parameters(const BlockType& type, const BlockPlace& place);

/// Products of the convolutions for one image.
std::uint64_t block_products(const BlockType& type, const BlockPlace& place);

/// A residual network without its blocks: a 3x3 convolution of the image, stages of blocks, and behind them
/// batch normalisation, average pool and a fully connected layer with bias.
struct Skeleton {
  struct Stage {
    std::uint32_t blocks = 1;
    std::uint32_t channels = 1;
    std::uint32_t stride = 1;  ///< of the first block
  };

  std::uint32_t image_channels = 3;
  std::uint32_t image_height = 32;
  std::uint32_t image_width = 32;
  std::uint32_t stem_channels = 16;
  std::uint32_t stem_stride = 1;
  std::vector<Stage> stages;
  std::uint32_t classes = 10;
};

/// BlockSwap's teacher on CIFAR-10, WRN-40-2 (Zagoruyko and Komodakis, BMVC 2016): 18 blocks.
Skeleton wide_resnet_40_2();

/// In the order of the blocks. Padding is that of the kernels, so that a stride of s takes every s-th row and
/// column, the first included.
std::vector<BlockPlace> block_places(const Skeleton& skeleton);

/// Parameters of all that is no block.
std::uint64_t skeleton_parameters(const Skeleton& skeleton);
std::uint64_t skeleton_products(const Skeleton& skeleton);

/// Of the whole network, a type for each place. Throws ConfigurationError for another number of types.
std::uint64_t network_parameters(const Skeleton& skeleton, const std::vector<BlockType>& types);
std::uint64_t network_products(const Skeleton& skeleton, const std::vector<BlockType>& types);

/// For each place the parameters of each type in the order of `types`, as BudgetSampler wants them.
std::vector<std::vector<std::uint64_t>> parameter_table(const Skeleton& skeleton,
                                                        const std::vector<BlockType>& types);

}  // namespace lacuna
