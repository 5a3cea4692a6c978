#include "sim/training/dead_neurons.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

namespace lacuna {
namespace {

/// Two fully connected layers, of which the second takes all that the first gives.
struct Pair {
  std::size_t first = 0;
  std::size_t second = 0;
};

std::vector<Pair> find_pairs(const Network& network) {
  std::vector<Pair> pairs;
  for (std::size_t position = 0; position < network.layers.size(); ++position) {
    const std::vector<std::size_t> consumers = network.consumers(position);
    if (network.layers[position].kind == LayerKind::fully_connected && consumers.size() == 1 &&
        network.layers[consumers.front()].kind == LayerKind::fully_connected) {
      pairs.push_back({position, consumers.front()});
    }
  }
  return pairs;
}

/// The layers' weights while neurons go.
class NeuronRemover {
 public:
  NeuronRemover(Network& network, bool exact) : network_(network), exact_(exact) {}

  /// One pass over a pair; true when something went.
  bool pass(const Pair& pair, RemovedNeurons& removed) {
    NetworkLayer& first = network_.layers[pair.first];
    NetworkLayer& second = network_.layers[pair.second];
    LayerWeights ahead = *first.weights;
    LayerWeights behind = *second.weights;
    const std::size_t neurons = first.outputs();
    const std::size_t inputs = ahead.values.size() / neurons;
    std::vector<bool> keep(neurons, true);
    std::size_t left = neurons;
    for (std::size_t neuron = 0; neuron < neurons && left > 1; ++neuron) {
      const bool heard = any_in_column(behind.values, neuron, neurons);
      const bool hears = any_in_row(ahead.values, neuron, inputs);
      if (heard && (hears || !fold(first, ahead, behind, neuron))) {
        continue;
      }
      ++(heard ? removed.without_inputs : removed.without_outputs);
      keep[neuron] = false;
      --left;
    }
    if (left == neurons) {
      return false;
    }
    keep_rows(ahead, keep, inputs);
    keep_columns(behind, keep);
    first.shape.channels = static_cast<std::uint32_t>(left);
    first.weights = std::make_shared<const LayerWeights>(std::move(ahead));
    second.weights = std::make_shared<const LayerWeights>(std::move(behind));
    return true;
  }

 private:
  static bool any_in_row(const std::vector<float>& values, std::size_t row, std::size_t length) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(row * length);
    return std::any_of(begin, begin + static_cast<std::ptrdiff_t>(length),
                       [](float value) { return value != 0.0F; });
  }
  static bool any_in_column(const std::vector<float>& values, std::size_t column, std::size_t columns) {
    for (std::size_t i = column; i < values.size(); i += columns) {
      if (values[i] != 0.0F) {
        return true;
      }
    }
    return false;
  }

  /// Adds what a neuron without inputs gives to the biases behind it; false when it must stay.
  bool fold(const NetworkLayer& layer, const LayerWeights& ahead, LayerWeights& behind,
            std::size_t neuron) const {
    double output = ahead.bias.empty() ? 0.0 : static_cast<double>(ahead.bias[neuron]);
    if (layer.activation != Activation::none) {
      output = std::max(output, 0.0);
    }
    if (layer.activation == Activation::relu6) {
      output = std::min(output, 6.0);
    }
    if (output == 0.0) {
      return true;
    }
    if (exact_) {
      return false;
    }
    const std::size_t columns = layer.outputs();
    behind.bias.resize(behind.values.size() / columns, 0.0F);
    for (std::size_t row = 0; row < behind.bias.size(); ++row) {
      behind.bias[row] =
          static_cast<float>(static_cast<double>(behind.bias[row]) +
                             output * static_cast<double>(behind.values[row * columns + neuron]));
    }
    return true;
  }

  static void keep_rows(LayerWeights& weights, const std::vector<bool>& keep, std::size_t length) {
    LayerWeights kept;
    for (std::size_t row = 0; row < keep.size(); ++row) {
      if (!keep[row]) {
        continue;
      }
      const auto begin = weights.values.begin() + static_cast<std::ptrdiff_t>(row * length);
      kept.values.insert(kept.values.end(), begin, begin + static_cast<std::ptrdiff_t>(length));
      if (!weights.bias.empty()) {
        kept.bias.push_back(weights.bias[row]);
      }
    }
    weights = std::move(kept);
  }
  static void keep_columns(LayerWeights& weights, const std::vector<bool>& keep) {
    std::vector<float> kept;
    for (std::size_t i = 0; i < weights.values.size(); ++i) {
      if (keep[i % keep.size()]) {
        kept.push_back(weights.values[i]);
      }
    }
    weights.values = std::move(kept);
    weights.codebook.clear();
  }

  Network& network_;
  bool exact_;
};

}  // namespace

Network without_dead_neurons(const Network& network, bool exact, std::vector<RemovedNeurons>& removed) {
  Network result = network;
  const std::vector<Pair> pairs = find_pairs(network);
  std::vector<RemovedNeurons> all(pairs.size());
  NeuronRemover remover(result, exact);
  // What goes in one layer may leave a neuron of another without inputs or outputs.
  for (bool again = true; again;) {
    again = false;
    for (std::size_t p = 0; p < pairs.size(); ++p) {
      all[p].layer = network.layers[pairs[p].first].name;
      again = remover.pass(pairs[p], all[p]) || again;
    }
  }
  for (RemovedNeurons& each : all) {
    if (each.without_inputs + each.without_outputs > 0) {
      removed.push_back(std::move(each));
    }
  }
  return result;
}

}  // namespace lacuna
