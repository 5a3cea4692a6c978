#include "sim/training/dead_neurons.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

namespace lacuna {
namespace {

/// Two layers with weights, of which the second takes all that the first gives, and layers that work on each
/// channel by itself may lie between.
struct Pair {
  std::size_t first = 0;
  std::size_t second = 0;
  /// An input of the second is one of channel i % channels; behind a flatten that puts channels first, of
  /// i / pixels % channels.
  std::size_t pixels = 1;
};

bool has_channels(const NetworkLayer& layer) {
  return (layer.kind == LayerKind::fully_connected || layer.kind == LayerKind::convolution) &&
         layer.groups == 1 && !layer.gates;
}

/// Layers that give 0 of a channel that is 0.
bool keeps_zero_channels(LayerKind kind) {
  switch (kind) {
    case LayerKind::max_pooling:
    case LayerKind::average_pooling:
    case LayerKind::global_average_pooling:
    case LayerKind::relu:
    case LayerKind::relu6:
    case LayerKind::flatten:
      return true;
    default:
      return false;
  }
}

std::vector<Pair> find_pairs(const Network& network) {
  std::vector<Pair> pairs;
  for (std::size_t first = 0; first < network.layers.size(); ++first) {
    if (!has_channels(network.layers[first])) {
      continue;
    }
    Pair pair{first, first};
    std::vector<std::size_t> consumers = network.consumers(first);
    while (consumers.size() == 1 && keeps_zero_channels(network.layers[consumers.front()].kind)) {
      const NetworkLayer& between = network.layers[consumers.front()];
      if (between.kind == LayerKind::flatten && between.order == FlattenOrder::chw) {
        pair.pixels = network.input_of(between).shape.pixels();
      }
      consumers = network.consumers(consumers.front());
    }
    if (consumers.size() == 1 && has_channels(network.layers[consumers.front()])) {
      pair.second = consumers.front();
      pairs.push_back(pair);
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
    // Only there a constant is the same wherever it is heard: a convolution may pad.
    const bool may_fold = !exact_ && network_.layers[pair.second].inputs[0] == pair.first &&
                          second.kind == LayerKind::fully_connected &&
                          first.kind == LayerKind::fully_connected;
    const std::vector<bool> is_heard = heard_channels(behind.values, neurons, pair.pixels);
    std::vector<bool> keep(neurons, true);
    std::size_t left = neurons;
    for (std::size_t neuron = 0; neuron < neurons && left > 1; ++neuron) {
      const bool heard = is_heard[neuron];
      const bool hears = any_in_row(ahead.values, neuron, inputs);
      if (heard && (hears || !fold(first, ahead, may_fold, behind, neuron))) {
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
    keep_channels(behind, keep, pair.pixels);
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
  static std::vector<bool> heard_channels(const std::vector<float>& values, std::size_t channels,
                                          std::size_t pixels) {
    std::vector<bool> heard(channels, false);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] != 0.0F) {
        heard[i / pixels % channels] = true;
      }
    }
    return heard;
  }

  /// Adds what a neuron without inputs gives to the biases behind it; false when it must stay.
  static bool fold(const NetworkLayer& layer, const LayerWeights& ahead, bool may_fold, LayerWeights& behind,
                   std::size_t neuron) {
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
    if (!may_fold) {
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
  static void keep_channels(LayerWeights& weights, const std::vector<bool>& keep, std::size_t pixels) {
    std::vector<float> kept;
    for (std::size_t i = 0; i < weights.values.size(); ++i) {
      if (keep[i / pixels % keep.size()]) {
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
  infer_shapes(result);
  for (RemovedNeurons& each : all) {
    if (each.without_inputs + each.without_outputs > 0) {
      removed.push_back(std::move(each));
    }
  }
  return result;
}

}  // namespace lacuna
