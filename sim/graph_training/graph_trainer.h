#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/graph_training/graph_recipe.h"

namespace lacuna {

/// Nodes whose largest output is their class.
struct NodeScore {
  std::uint64_t nodes = 0;
  std::uint64_t correct = 0;

  double accuracy() const {
    return nodes == 0 ? 0.0 : static_cast<double>(correct) / static_cast<double>(nodes);
  }
};

/// A network that was trained from one seed.
struct TrainedGraphNetwork {
  std::uint64_t seed = 0;
  Network network;
  std::uint32_t epoch = 0;  ///< whose weights it has, from 1
  double loss = 0.0;        ///< of the training nodes in that epoch
  NodeScore train;
  NodeScore validation;
  NodeScore test;
};

/// Trains with one seed, on libtorch: Adam on the mean cross-entropy of the training nodes. First weights are
/// drawn evenly within sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010), those of attention likewise;
/// biases start at 0, and every aggregation gets one. Keeps the weights of the epoch with the most right
/// validation nodes, the lower loss on them among equals. `check` is called each epoch and may
/// throw. The result depends on the seed, the machine, libtorch's version and its threads, and on
/// nothing else.
TrainedGraphNetwork train_graph_network(const GraphTrainingInput& input, std::uint64_t seed,
                                        const std::function<void()>& check);

/// Outputs of the network for the input's features, before a softmax at the end, on libtorch.
std::vector<float> torch_outputs(const GraphTrainingInput& input, const Network& network);

/// "libtorch 1.13.1, 1 threads".
std::string graph_training_library(std::uint32_t threads);

}  // namespace lacuna
