#pragma once

#include <cstddef>
#include <vector>

#include "sim/training/train.h"

namespace lacuna {

/// What one batch says of a network that has not been trained: how well it may learn.
struct NetworkScores {
  /// Fisher potential (Turner et al., BlockSwap, ICLR 2020, section 4): the sum over the channels c of the
  /// probed layers of 1/(2N) sum over images n of (sum over pixels of a g)^2, with the layer's output a
  /// (activation included) and the gradient g of the mean loss with respect to it, as the published code has
  /// it.
  double fisher = 0.0;
  /// log |det K|, K[i][j] = how many rectified units are on in both images i and j or off in both (Mellor,
  /// Turner, Storkey and Crowley, "Neural Architecture Search without Training", ICML 2021). Minus infinity
  /// when two images turn the same units on.
  double naswot = 0.0;
  /// Root of the sum of squares of the mean loss's gradient with respect to all weights, biases excepted.
  double gradient_norm = 0.0;
};

/// Of one batch and of each channel of the probed layers, as NetworkScores::fisher sums them: how much the
/// loss would change without it (Theis et al., "Faster gaze prediction with dense networks and Fisher
/// pruning", 2018).
using ChannelSaliencies = std::vector<std::vector<double>>;

/// A network whose scores can be computed.
class ScoredNetwork : public Differentiator {
 public:
  /// `probes`: positions in Network::layers. Normalisation is by the batch.
  virtual NetworkScores scores(const std::vector<TrainedLayer>& layers, const ImageBatch& batch,
                               const std::vector<std::size_t>& probes) = 0;
  virtual ChannelSaliencies channel_fisher(const std::vector<TrainedLayer>& layers, const ImageBatch& batch,
                                           const std::vector<std::size_t>& probes) = 0;
};

}  // namespace lacuna
