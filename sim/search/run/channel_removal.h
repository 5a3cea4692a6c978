#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/search/run/candidate_points.h"
#include "sim/search/run/skeletons.h"

namespace lacuna {

/// A network from which channels were removed, and what it came to when it was tuned.
struct NarrowedNetwork {
  std::vector<std::uint32_t> inner;  ///< channels between the two convolutions of each block
  TrainedFigures figures;
};

/// Removes a channel of one layer: its filter and bias, and from the layer that reads it the weights of this
/// input. `first`: [outputs, inputs, height, width] (or any with outputs first); `second`: convolution of one
/// group, whose weights lie [output][row][column][input].
void remove_channel(std::size_t channel, TrainedLayer& first, TrainedLayer& second);

/// Trains the search's skeleton with Conv in every place, then removes channels between the convolutions of
/// its blocks, the least salient of the whole network first, training on between, and at each of `shares`,
/// descending, gives what is left a training of its own. Empty when `stop` has asked for an end. Throws
/// Lacuna's errors.
std::vector<NarrowedNetwork> remove_channels(const Search& search, const SkeletonsConfig& config,
                                             const std::vector<double>& shares, const CandidatePoints& points,
                                             const std::function<bool()>& stop);

/// "narrow(13)" for each place.
std::vector<BlockType> narrow_types(const std::vector<std::uint32_t>& inner);

}  // namespace lacuna
