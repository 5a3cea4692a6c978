#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/cost/cost_model.h"
#include "sim/fewshot/sub_network.h"
#include "sim/network/network.h"

namespace lacuna {

/// Convolutions of these shapes and, if `ways` is not 0, a global average pool and a last layer, with weights
/// as before training, of which a share `density` is kept at random, no biases. The same seed gives the same.
Network untrained_network(const std::vector<ConvolutionConfig>& layers, const TensorShape& image,
                          std::uint32_t ways, double density, std::uint64_t seed);

/// What is counted of a network of such layers, a pool and a last layer: biases left out.
struct LayerCounts {
  double parameters = 0.0;
  double multiply_accumulates = 0.0;
};
LayerCounts counts_of(const std::vector<ConvolutionConfig>& layers, const TensorShape& image,
                      std::uint32_t ways);

/// What look-up tables of searches say: cycles of single layers, each measured alone on a machine, and added.
/// The first layer is measured on images, another on random inputs of which a half is zero, as behind a
/// rectifier.
class LayerSum {
 public:
  /// Keeps a reference to `machine`. `images`: two or more, of one shape.
  LayerSum(const CostModel& machine, CostMeasure measure, double density, std::uint64_t seed,
           std::vector<Tensor> images)
      : machine_(machine), measure_(measure), density_(density), seed_(seed), images_(std::move(images)) {}

  double of(const std::vector<ConvolutionConfig>& layers, std::uint32_t ways);
  /// Layers that were measured so far.
  std::size_t entries() const { return entries_.size(); }

 private:
  double entry(const TensorShape& input, const ConvolutionConfig* layer, std::uint32_t ways, bool first);

  const CostModel& machine_;
  CostMeasure measure_;
  double density_;
  std::uint64_t seed_;
  std::vector<Tensor> images_;
  std::map<std::string, double> entries_;  ///< cost of each layer
};

}  // namespace lacuna
