#pragma once

#include <cstddef>
#include <vector>

#include "sim/network/network.h"

namespace lacuna {

/// True for attention whose coefficients follow from the nodes' features, not from the graph alone: all but
/// `constant` and `gcn`. They pass through a softmax over each node's neighbours.
bool depends_on_features(AttentionKind attention);

/// Rows of an aggregation's attention weights, each with a value for every channel; 0 where there are none.
std::size_t attention_rows(AttentionKind attention);

/// Slope of the leaky rectifier behind attention where it is negative (Velickovic et al., "Graph attention
/// networks", ICLR 2018, section 2.1).
inline constexpr double attention_slope = 0.2;

/// The coefficient of each entry of the layer's graph for one head, in the order of the graph; with
/// `reduction: mean` divided by the node's number of neighbours. The same bits on every machine. `features`:
/// the layer's input, of which attention takes the head's channels; only read where it depends on them.
///
/// Source of the kinds: Gao et al., "GraphNAS" (IJCAI 2020), table 1. Weights that it has as matrices are one
/// factor for each channel here (our choice): the layer before transforms features already.
std::vector<float> edge_coefficients(const NetworkLayer& layer, std::size_t head, const Tensor& features);

/// For each node and channel the sum, mean or largest of its neighbours' features times their coefficients,
/// and the bias. Sums in double precision, in the order of the graph.
Tensor aggregated_output(const NetworkLayer& layer, const Tensor& input);

/// Whether a layer is a transform: a 1x1 convolution of stride 1 in one group, without padding and gates.
bool is_transform(const NetworkLayer& layer);

/// Whether a transform (a 1x1 convolution) and an aggregation, in either order, compute the same when they
/// change places: both linear, the first without bias and activation, and the first's output taken by
/// nothing else.
bool can_change_places(const Network& network, std::size_t first);

/// The network with layer `first` and the one that takes it in each other's place: (A X) W for A (X W), or
/// the reverse. Bias and activation stay behind the second. Weights must be loaded.
Network with_places_changed(const Network& network, std::size_t first);

}  // namespace lacuna
