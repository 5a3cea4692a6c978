#pragma once

#include <cstddef>
#include <functional>
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

/// Of some layers, one after the other: each image's attention there, which is the mean over the channels of
/// squared outputs, pixel after pixel, divided by its length (Zagoruyko and Komodakis, ICLR 2017).
using AttentionMaps = std::vector<std::vector<float>>;

/// Attention transfer: a part of the loss, `weight` times the sum over the layers of the mean over images and
/// pixels of squared differences from a teacher's maps, as BlockSwap's published code has it.
struct AttentionLoss {
  double weight = 0.0;
  std::vector<std::size_t> layers;                          ///< positions in Network::layers
  std::function<AttentionMaps(const ImageBatch&)> teacher;  ///< as many maps, of the same pixels
};

/// A network whose scores can be computed.
class ScoredNetwork : public Differentiator {
 public:
  /// `probes`: positions in Network::layers. Normalisation is by the batch.
  virtual NetworkScores scores(const std::vector<TrainedLayer>& layers, const ImageBatch& batch,
                               const std::vector<std::size_t>& probes) = 0;
  virtual ChannelSaliencies channel_fisher(const std::vector<TrainedLayer>& layers, const ImageBatch& batch,
                                           const std::vector<std::size_t>& probes) = 0;

  /// Normalisation is by what is known. `places`: positions in Network::layers.
  virtual AttentionMaps attention(const std::vector<TrainedLayer>& layers, const ImageBatch& batch,
                                  const std::vector<std::size_t>& places) = 0;
  /// Adds attention transfer to what `differentiate` takes gradients of, not to the loss that it returns.
  virtual void attend(AttentionLoss loss) = 0;
};

}  // namespace lacuna
