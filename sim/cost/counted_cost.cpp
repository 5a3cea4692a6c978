#include "sim/cost/counted_cost.h"

#include <algorithm>
#include <set>

#include "sim/cost/window_inputs.h"
#include "sim/network/reference.h"

namespace lacuna {
namespace {

constexpr std::uint32_t most_shared_bits = 8;
constexpr std::uint32_t real_bits = 32;

std::uint64_t nonzeros(const std::vector<float>& weights) {
  return static_cast<std::uint64_t>(
      std::count_if(weights.begin(), weights.end(), [](float weight) { return weight != 0.0F; }));
}

/// Bits of codes for a layer's values, zero among them.
std::uint32_t bits_of_values(const std::vector<float>& weights) {
  std::set<float> distinct;
  for (const float weight : weights) {
    if (weight != 0.0F) {
      distinct.insert(weight);
    }
    if (distinct.size() >= std::size_t{1} << most_shared_bits) {
      return real_bits;
    }
  }
  std::uint32_t bits = 1;
  while (distinct.size() > (std::size_t{1} << bits) - 1) {
    ++bits;
  }
  return bits;
}

/// Stored entries of relative indices: weights, and zeros where more lie between two than an index counts.
std::uint64_t stored_entries(const std::vector<float>& weights, std::uint32_t index_bits) {
  const std::uint64_t reach = std::uint64_t{1} << index_bits;
  std::uint64_t entries = 0;
  std::uint64_t zeros = 0;
  for (const float weight : weights) {
    if (weight == 0.0F) {
      ++zeros;
      continue;
    }
    entries += zeros / reach + 1;
    zeros = 0;
  }
  return entries;
}

const LayerArithmetic* arithmetic_of(const std::string& layer, const std::vector<LayerArithmetic>& all) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const LayerArithmetic& each) {
    return each.layer == layer && each.weights;
  });
  return found == all.end() ? nullptr : &*found;
}

/// `shared`: codes of few bits stand for values in a codebook; else for themselves.
std::uint64_t size_of(const LayerWeights& weights, std::uint32_t weight_bits, std::uint32_t index_bits,
                      bool shared) {
  const std::uint64_t whole = weights.values.size() * std::uint64_t{weight_bits};
  const std::uint64_t sparse =
      stored_entries(weights.values, index_bits) * (std::uint64_t{weight_bits} + index_bits);
  const std::uint64_t codebook =
      shared && weight_bits <= most_shared_bits ? ((std::uint64_t{1} << weight_bits) - 1) * real_bits : 0;
  return std::min(whole, sparse) + codebook + weights.bias.size() * real_bits;
}

/// Weights other than zero at each place of a window, of all outputs of a group: [group][place].
std::vector<std::uint64_t> weights_by_place(const NetworkLayer& layer, std::size_t places) {
  const std::size_t group_outputs = layer.outputs() / layer.groups;
  std::vector<std::uint64_t> counts(layer.groups * places, 0);
  const std::vector<float>& weights = layer.weights->values;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const std::size_t group = i / places / group_outputs;
    counts[group * places + i % places] += weights[i] != 0.0F ? 1 : 0;
  }
  return counts;
}

/// Products of entries of an adjacency matrix with features other than zero.
std::uint64_t aggregation_products(const Graph& graph, const Tensor& features) {
  const std::size_t channels = features.shape.channels;
  std::vector<std::uint64_t> nonzero(graph.nodes(), 0);
  for (std::size_t i = 0; i < features.values.size(); ++i) {
    nonzero[i / channels] += features.values[i] != 0.0F ? 1U : 0U;
  }
  std::uint64_t products = 0;
  for (const std::uint32_t neighbour : graph.neighbours) {
    products += nonzero[neighbour];
  }
  return products;
}

/// Products of weights and inputs other than zero, the mean over the inputs. `counts`: weights by place, of
/// layers that have some.
double products_per_input(const Network& network, const std::vector<std::vector<std::uint64_t>>& counts,
                          const std::vector<Tensor>& inputs) {
  const Reference reference(network);
  std::uint64_t products = 0;
  for (const Tensor& input : inputs) {
    const std::vector<Tensor> outputs = reference.run(input);
    for (std::size_t position = 0; position < network.layers.size(); ++position) {
      const NetworkLayer& layer = network.layers[position];
      if (layer.kind == LayerKind::aggregation) {
        products += aggregation_products(*layer.graph, outputs[layer.inputs[0]]);
      }
      if (counts[position].empty()) {
        continue;
      }
      const std::size_t places = counts[position].size() / layer.groups;
      for_window_inputs(layer, outputs[layer.inputs[0]],
                        [&](std::size_t group, std::size_t place, float value) {
                          products += value != 0.0F ? counts[position][group * places + place] : 0;
                        });
    }
  }
  return static_cast<double>(products) / static_cast<double>(inputs.size());
}

}  // namespace

NetworkCost CountedCost::measure(const Network& network, const std::vector<Tensor>& calibration,
                                 const std::vector<LayerArithmetic>& arithmetic) const {
  std::vector<std::vector<std::uint64_t>> counts(network.layers.size());
  NetworkCost cost;
  std::uint64_t weights = 0;
  std::uint64_t size = 0;
  double bit_operations = 0.0;
  for (std::size_t position = 0; position < network.layers.size(); ++position) {
    const NetworkLayer& layer = network.layers[position];
    if (layer.kind == LayerKind::aggregation) {
      const std::uint32_t bits = bits_.weight.value_or(real_bits);
      weights += nonzeros(layer.weights->values);
      size += layer.weights->values.empty() ? layer.weights->bias.size() * real_bits
                                            : size_of(*layer.weights, bits, bits_.index, true);
      bit_operations +=
          static_cast<double>(layer.graph->entries() * layer.shape.channels) * bits * bits_.activation;
    }
    if (!has_weights(layer.kind)) {
      continue;
    }
    if (layer.kind == LayerKind::lstm) {
      refuse_layer(layer, "costs of LSTM cells are not counted",
                   "convolutions and fully connected layers, or a machine");
    }
    const std::vector<float>& values = layer.weights->values;
    const LayerArithmetic* const stated = arithmetic_of(layer.name, arithmetic);
    const std::uint32_t bits = stated != nullptr ? static_cast<std::uint32_t>(stated->weights->width_bits)
                                                 : bits_.weight.value_or(bits_of_values(values));
    weights += nonzeros(values);
    size += size_of(*layer.weights, bits, bits_.index, stated == nullptr);
    bit_operations += static_cast<double>(nonzeros(values) * layer.shape.pixels()) * bits * bits_.activation;
    counts[position] = weights_by_place(layer, values.size() / layer.outputs());
  }
  cost.weights = static_cast<double>(weights);
  cost.size_bits = static_cast<double>(size);
  cost.bit_operations = bit_operations;
  if (!calibration.empty()) {
    cost.multiply_accumulates = products_per_input(network, counts, calibration);
  }
  return cost;
}

}  // namespace lacuna
