#pragma once

#include <memory>
#include <vector>

namespace lacuna {

/// The numbers of one layer, as real values in one order whatever the file's.
struct LayerWeights {
  /// Convolution: [outputs][kernel height][kernel width][inputs / groups]. Fully connected:
  /// [outputs][inputs]. LSTM: [4 * outputs][inputs], gates in the order input, forget, cell, output.
  std::vector<float> values;
  std::vector<float> recurrent;  ///< LSTM: [4 * outputs][outputs]; else empty
  std::vector<float> bias;       ///< one for each row of `values`, or empty
  /// Where the source shares its weights: its distinct values, element 0 is 0; else empty.
  std::vector<float> codebook;
  std::vector<float> scale;   ///< batch normalisation: y = scale * x + offset, one for each channel
  std::vector<float> offset;  ///< batch normalisation
};

using LayerWeightsPointer = std::shared_ptr<const LayerWeights>;

}  // namespace lacuna
