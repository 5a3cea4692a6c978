#pragma once

#include <vector>

#include "sim/graph_training/graph_recipe.h"
#include "sim/graph_training/graph_state.h"

namespace lacuna {

/// Trains a network for each seed that the state lacks, on libtorch: Adam on the mean cross-entropy of the
/// training nodes. First weights are drawn evenly within sqrt(6 / (inputs + outputs)) (Glorot and Bengio
/// 2010), those of attention likewise; biases start at 0, and every aggregation gets one. Weights of few bits
/// are rounded in every step, and gradients pass to the real numbers behind them (graph_quantisers.h);
/// formats of rounding layers follow the range over all nodes. Keeps the weights of the epoch with the most
/// right validation nodes, the lower loss on them among equals. The result depends on the seed, the machine,
/// libtorch's version and its threads (set_torch_threads), and on nothing else. False when `hooks.stop` said
/// so: the state is whole then, and a later call goes on to the same numbers. Throws InputDataError for a
/// loss that is not finite.
bool train_graph_networks(const GraphTrainingInput& input, GraphTrainingState& state,
                          const GraphHooks& hooks);

/// Outputs of a network that was trained for the input's features, before a softmax at the end, on libtorch.
std::vector<float> torch_outputs(const GraphTrainingInput& input, const Network& network);

}  // namespace lacuna
