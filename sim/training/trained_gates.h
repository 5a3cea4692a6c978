#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/network/network.h"
#include "sim/training/batch_norm.h"

namespace lacuna {

/// `gates:`, feature boosting and suppression (Gao et al., "Dynamic Channel Pruning: Feature Boosting and
/// Suppression", ICLR 2019): which channels of a convolution are computed for an image, and how they are
/// weighted.
struct GateConfig {
  double density = 1.0;
  std::uint32_t lanes = 1;
  double lasso = 0.0;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.real("density", c.density, 0.0, 1.0,
           "share of a layer's output channels that are computed for an image, at least one");
    v.integer("lanes", c.lanes, 1, 65536,
              "channel c belongs to lane c mod lanes; lanes take turns to choose the winners, so that each "
              "keeps as many, within one");
    v.real("lasso", c.lasso, 0.0, 1e3,
           "times the sum of an image's open saliencies, added to the loss: L1, which makes them few");
    v.required({"density"});
  }
};

/// The gates of one convolution while they are trained. y = saliency * open * activation(norm(products) +
/// bias): norm is batch normalisation without scale and offset, whose places saliency and bias take; saliency
/// = relu(weights * (means of the input channels) + own bias); open are the winners (sim/network/gates.h).
/// The winners are chosen without a gradient. Sources: the paper, with the bias before the gates as there;
/// the authors' framework Mayo has it behind them by default.
struct TrainedGates {
  std::uint32_t winners = 1;
  std::uint32_t lanes = 1;
  double lasso = 0.0;
  std::vector<float> weights;  ///< [outputs][inputs]
  std::vector<float> bias;     ///< one for each output
  TrainedNorm norm;
  std::vector<float> weight_velocity;
  std::vector<float> bias_velocity;
};

/// What a batch says about gates.
struct GateGradients {
  std::vector<float> weights;
  std::vector<float> bias;
};

/// New gates as the authors begin: weights around zero with a deviation of 0.05, from the seed and the
/// layer's position, and biases of 1.
TrainedGates new_gates(std::uint32_t outputs, std::uint32_t inputs, std::uint64_t seed, std::size_t position);

/// The gates that a layer of a network has, whose normalisation is already part of its weights.
TrainedGates gates_of(const NetworkLayer& layer);

/// The layer as a machine computes it, with the normalisation in its weights and biases. `weights` are
/// [outputs][...].
void fold_norm(const TrainedGates& gates, NetworkLayer& layer, LayerWeights& weights);

}  // namespace lacuna
