#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/cost/cost_model.h"
#include "sim/fewshot/few_shot_recipe.h"
#include "sim/network/network.h"

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
};

/// A network of the space, by seed and number, every choice alike.
SubNetwork random_sub_network(std::uint64_t seed, std::uint64_t number);

/// Convolutions of these shapes and, if `ways` is not 0, a last layer, with weights as before training, of
/// which a share `density` is kept at random, no biases. The same seed gives the same.
Network untrained_network(const std::vector<ConvolutionConfig>& layers, const TensorShape& image,
                          std::uint32_t ways, double density, std::uint64_t seed);

/// What look-up tables of searches say: cycles of single layers, each measured alone on a machine, with
/// random inputs, and added. A layer behind a rectifier gets inputs of which a half is zero.
class LayerSum {
 public:
  /// Keeps a reference to `machine`.
  LayerSum(const CostModel& machine, CostMeasure measure, double density, std::uint64_t seed)
      : machine_(machine), measure_(measure), density_(density), seed_(seed) {}

  double of(const std::vector<ConvolutionConfig>& layers, const TensorShape& image, std::uint32_t ways);
  /// Layers that were measured so far.
  std::size_t entries() const { return entries_.size(); }

 private:
  struct Entry {
    std::string layer;
    double cost = 0.0;
  };
  double entry(const TensorShape& input, const ConvolutionConfig* layer, std::uint32_t ways, bool rectified);

  const CostModel& machine_;
  CostMeasure measure_;
  double density_;
  std::uint64_t seed_;
  std::vector<Entry> entries_;
};

}  // namespace lacuna
