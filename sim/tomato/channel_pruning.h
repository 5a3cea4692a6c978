#pragma once

#include <cstdint>
#include <vector>

#include "sim/network/network.h"
#include "sim/tomato/pipeline_builder.h"

namespace lacuna::tomato {

/// A layer whose output channels are chosen anew for each frame.
struct PruningRequest {
  const NetworkLayer* layer = nullptr;
  const std::vector<float>* weights = nullptr;  ///< the layer's, [output][position][channel]
  TensorShape input;
  NumberFormat input_format;
  double keep_ratio = 1.0;
  bool with_values = true;
  std::uint32_t fifo_depth = 2;
  ErrorPlace place;
};

/// Where the layer's data goes on, and its gates.
struct PruningGate {
  Tail data;
  Tail engine;
  Tail next;  ///< for the input channels of the next layer
};

/// Channels kept of `channels`: the nearest number, at least 1.
std::uint32_t kept_channels(double keep_ratio, std::uint32_t channels);

/// Adds the predictor of feature boosting and suppression (Gao et al., ICLR 2019): the mean of each input
/// channel, a small fully connected layer, a rectifier, and the k largest. The published predictor is trained
/// with the network and boosts the kept channels by their saliencies; ours is not trained (docs/tomato.md):
/// its weights are the layer's own, summed over the kernel, so that it predicts each output channel's mean,
/// and kept channels pass unchanged. Closed channels are zeros to the next layer, which does not read them.
PruningGate add_channel_pruning(PipelineBuilder& builder, const Tail& input, const PruningRequest& request);

}  // namespace lacuna::tomato
