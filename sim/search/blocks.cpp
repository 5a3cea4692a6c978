#include "sim/search/blocks.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/search/block_operations.h"

namespace lacuna {
namespace {

using Shape = BlockType::Shape;
using Groups = BlockType::Grouping;

}  // namespace

const std::vector<BlockType>& block_types() {
  static const std::vector<BlockType> types = {
      {"Conv", Shape::plain, Groups::count, 1, 1},
      {"DConvA2", Shape::separated, Groups::count, 2, 1},
      {"DConvA4", Shape::separated, Groups::count, 4, 1},
      {"DConvA8", Shape::separated, Groups::count, 8, 1},
      {"DConvA16", Shape::separated, Groups::count, 16, 1},
      {"DConvG16", Shape::separated, Groups::channels_per_group, 16, 1},
      {"DConvG8", Shape::separated, Groups::channels_per_group, 8, 1},
      {"DConvG4", Shape::separated, Groups::channels_per_group, 4, 1},
      {"DConvG2", Shape::separated, Groups::channels_per_group, 2, 1},
      {"DConv", Shape::separated, Groups::depthwise, 1, 1},
      {"ConvB2", Shape::bottleneck, Groups::count, 1, 2},
      {"ConvB4", Shape::bottleneck, Groups::count, 1, 4},
      {"A2B2", Shape::bottleneck, Groups::count, 2, 2},
      {"A4B2", Shape::bottleneck, Groups::count, 4, 2},
      {"A8B2", Shape::bottleneck, Groups::count, 8, 2},
      {"A16B2", Shape::bottleneck, Groups::count, 16, 2},
      {"G16B2", Shape::bottleneck, Groups::channels_per_group, 16, 2},
      {"G8B2", Shape::bottleneck, Groups::channels_per_group, 8, 2},
      {"G8B4", Shape::bottleneck, Groups::channels_per_group, 8, 4},
      {"G4B2", Shape::bottleneck, Groups::channels_per_group, 4, 2},
      {"G2B2", Shape::bottleneck, Groups::channels_per_group, 2, 2},
      {"G4B4", Shape::bottleneck, Groups::channels_per_group, 4, 4},
      {"G2B4", Shape::bottleneck, Groups::channels_per_group, 2, 4},
  };
  return types;
}

const BlockType& block_type(std::string_view name) {
  const auto found = std::find_if(block_types().begin(), block_types().end(),
                                  [&](const BlockType& type) { return type.name == name; });
  if (found == block_types().end()) {
    std::string names;
    for (const BlockType& type : block_types()) {
      names += (names.empty() ? "" : ", ") + std::string(type.name);
    }
    throw ConfigurationError({}, fmt::format("'{:.40}' is no block", name), names);
  }
  return *found;
}

namespace {

[[noreturn]] void refuse(const BlockType& type, std::uint32_t channels, std::uint32_t divisor) {
  throw ConfigurationError({},
                           fmt::format("block {} divides {} channels by {}", type.name, channels, divisor),
                           "channels that are a multiple");
}

std::uint32_t groups_of(const BlockType& type, std::uint32_t channels) {
  const std::uint32_t divisor = type.grouping == Groups::depthwise ? 1 : type.groups;
  if (channels % divisor != 0) {
    refuse(type, channels, divisor);
  }
  return type.grouping == Groups::count ? divisor : channels / divisor;
}

/// In place of a 3x3 convolution, by the block's shape.
void add_convolutions(const BlockType& type, std::uint32_t inputs, std::uint32_t outputs,
                      std::uint32_t stride, BlockLayers& layers) {
  switch (type.shape) {
    case Shape::plain:
      layers.convolutions.push_back({inputs, outputs, 3, 1, stride});
      return;
    case Shape::separated:
      layers.convolutions.push_back({inputs, inputs, 3, groups_of(type, inputs), stride});
      layers.convolutions.push_back({inputs, outputs, 1, 1, 1});
      layers.normalised.push_back(inputs);
      return;
    case Shape::bottleneck: {
      if (outputs % type.divisor != 0) {
        refuse(type, outputs, type.divisor);
      }
      const std::uint32_t middle = outputs / type.divisor;
      layers.convolutions.push_back({inputs, middle, 1, 1, 1});
      layers.convolutions.push_back({middle, middle, 3, groups_of(type, middle), stride});
      layers.convolutions.push_back({middle, outputs, 1, 1, 1});
      layers.normalised.insert(layers.normalised.end(), {middle, middle});
      return;
    }
    case Shape::transformed:
      return;  // both at once, below
  }
}

/// A convolution for each branch and band, as append_layers writes them.
void add_operation(const Operation& operation, BlockLayers& layers) {
  for (const Branch& branch : operation.branches) {
    const Domain& domain = branch.nest.domain;
    for (std::uint32_t band = 0; band < domain.bands; ++band) {
      layers.convolutions.push_back(
          {domain.input_channels(), domain.output_channels(), domain.kh, domain.groups, domain.stride});
    }
  }
}

std::uint32_t strided(std::uint32_t size, std::uint32_t stride) {
  return (size + stride - 1) / stride;
}

}  // namespace

BlockLayers block_layers(const BlockType& type, const BlockPlace& place) {
  BlockLayers layers;
  layers.normalised.push_back(place.inputs);
  if (type.shape == Shape::transformed) {
    layers.normalised.push_back(type.inner.value_or(place.outputs));
    for (const Operation& operation : block_operations(type, place)) {
      add_operation(operation, layers);
    }
  } else {
    add_convolutions(type, place.inputs, place.outputs, place.stride, layers);
    if (type.shape != Shape::bottleneck) {
      layers.normalised.push_back(place.outputs);
      add_convolutions(type, place.outputs, place.outputs, 1, layers);
    }
  }
  if (place.inputs != place.outputs) {
    layers.convolutions.push_back({place.inputs, place.outputs, 1, 1, place.stride, true});
  }
  return layers;
}

std::uint64_t block_parameters(const BlockType& type, const BlockPlace& place) {
  const BlockLayers layers = block_layers(type, place);
  std::uint64_t sum = 0;
  for (const BlockConvolution& convolution : layers.convolutions) {
    sum += convolution.parameters();
  }
  for (const std::uint32_t channels : layers.normalised) {
    sum += 2 * std::uint64_t{channels};
  }
  return sum;
}

std::uint64_t block_products(const BlockType& type, const BlockPlace& place) {
  std::uint64_t sum = 0;
  if (type.shape == Shape::transformed) {
    for (const Operation& operation : block_operations(type, place)) {
      sum += operation.products();
    }
    const bool has_shortcut = place.inputs != place.outputs;
    return sum + (has_shortcut ? std::uint64_t{place.inputs} * place.outputs *
                                     strided(place.height, place.stride) * strided(place.width, place.stride)
                               : 0);
  }
  std::uint32_t height = place.height;
  std::uint32_t width = place.width;
  for (const BlockConvolution& convolution : block_layers(type, place).convolutions) {
    if (!convolution.is_shortcut) {
      height = strided(height, convolution.stride);
      width = strided(width, convolution.stride);
    }
    sum += convolution.parameters() * height * width;  // the shortcut ends where the block does
  }
  return sum;
}

Skeleton wide_resnet_40_2() {
  Skeleton skeleton;
  skeleton.stages = {{6, 32, 1}, {6, 64, 2}, {6, 128, 2}};
  return skeleton;
}

std::vector<BlockPlace> block_places(const Skeleton& skeleton) {
  std::vector<BlockPlace> places;
  std::uint32_t channels = skeleton.stem_channels;
  std::uint32_t height = strided(skeleton.image_height, skeleton.stem_stride);
  std::uint32_t width = strided(skeleton.image_width, skeleton.stem_stride);
  for (const Skeleton::Stage& stage : skeleton.stages) {
    for (std::uint32_t block = 0; block < stage.blocks; ++block) {
      const std::uint32_t stride = block == 0 ? stage.stride : 1;
      places.push_back({channels, stage.channels, stride, height, width});
      channels = stage.channels;
      height = strided(height, stride);
      width = strided(width, stride);
    }
  }
  return places;
}

namespace {

std::uint64_t stem_parameters(const Skeleton& skeleton) {
  return std::uint64_t{9} * skeleton.image_channels * skeleton.stem_channels;
}

std::uint64_t last_channels(const Skeleton& skeleton) {
  return skeleton.stages.empty() ? skeleton.stem_channels : skeleton.stages.back().channels;
}

}  // namespace

std::uint64_t skeleton_parameters(const Skeleton& skeleton) {
  const std::uint64_t channels = last_channels(skeleton);
  return stem_parameters(skeleton) + 2 * channels + (channels + 1) * skeleton.classes;
}

std::uint64_t skeleton_products(const Skeleton& skeleton) {
  return stem_parameters(skeleton) * strided(skeleton.image_height, skeleton.stem_stride) *
             strided(skeleton.image_width, skeleton.stem_stride) +
         last_channels(skeleton) * skeleton.classes;
}

namespace {

std::uint64_t sum_over_places(const Skeleton& skeleton, const std::vector<BlockType>& types,
                              std::uint64_t (*of_block)(const BlockType&, const BlockPlace&)) {
  const std::vector<BlockPlace> places = block_places(skeleton);
  if (types.size() != places.size()) {
    throw ConfigurationError({}, fmt::format("{} blocks for a skeleton", types.size()),
                             fmt::format("{}, one for each place", places.size()));
  }
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    sum += of_block(types[i], places[i]);
  }
  return sum;
}

}  // namespace

std::uint64_t network_parameters(const Skeleton& skeleton, const std::vector<BlockType>& types) {
  return skeleton_parameters(skeleton) + sum_over_places(skeleton, types, block_parameters);
}

std::uint64_t network_products(const Skeleton& skeleton, const std::vector<BlockType>& types) {
  return skeleton_products(skeleton) + sum_over_places(skeleton, types, block_products);
}

std::vector<std::vector<std::uint64_t>> parameter_table(const Skeleton& skeleton,
                                                        const std::vector<BlockType>& types) {
  std::vector<std::vector<std::uint64_t>> table;
  for (const BlockPlace& place : block_places(skeleton)) {
    std::vector<std::uint64_t>& row = table.emplace_back();
    for (const BlockType& type : types) {
      row.push_back(block_parameters(type, place));
    }
  }
  return table;
}

}  // namespace lacuna
