#include "sim/network/aggregation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "sim/network/reference.h"

namespace lacuna {
namespace {

/// Slope of the leaky ReLU in attention (source: Velickovic et al., "Graph Attention Networks", ICLR 2018).

double leaky(double x) {
  return x < 0.0 ? attention_slope * x : x;
}

/// The features and attention weights of one head.
class HeadFeatures {
 public:
  HeadFeatures(const NetworkLayer& layer, std::size_t head, const Tensor& features)
      : features_(features),
        weights_(layer.weights->values),
        all_(layer.shape.channels),
        channels_(all_ / layer.aggregation.heads),
        first_(head * channels_) {}

  std::size_t channels() const { return channels_; }
  double feature(std::size_t node, std::size_t c) const {
    return static_cast<double>(features_.values[node * all_ + first_ + c]);
  }
  double weight(std::size_t row, std::size_t c) const {
    return static_cast<double>(weights_[row * all_ + first_ + c]);
  }
  /// For each node its features times a row of weights.
  std::vector<double> products(std::size_t row) const {
    std::vector<double> result(features_.shape.height, 0.0);
    for (std::size_t node = 0; node < result.size(); ++node) {
      for (std::size_t c = 0; c < channels_; ++c) {
        result[node] += weight(row, c) * feature(node, c);
      }
    }
    return result;
  }

 private:
  const Tensor& features_;
  const std::vector<float>& weights_;
  std::size_t all_;
  std::size_t channels_;
  std::size_t first_;
};

/// Calls `score(node, neighbour)` for each entry.
template <class Score>
std::vector<double> of_entries(const Graph& graph, const Score& score) {
  std::vector<double> result;
  result.reserve(graph.entries());
  for (std::size_t node = 0; node < graph.nodes(); ++node) {
    for (std::uint64_t i = graph.starts[node]; i < graph.starts[node + 1]; ++i) {
      result.push_back(score(node, graph.neighbours[i]));
    }
  }
  return result;
}

std::vector<double> gat_scores(const Graph& graph, const HeadFeatures& head, bool both_ways) {
  const std::vector<double> own = head.products(0);
  const std::vector<double> other = head.products(1);
  return of_entries(graph, [&](std::size_t node, std::size_t neighbour) {
    const double score = leaky(own[node] + other[neighbour]);
    return both_ways ? score + leaky(own[neighbour] + other[node]) : score;
  });
}

std::vector<double> scores(const NetworkLayer& layer, const Graph& graph, const HeadFeatures& head) {
  switch (layer.aggregation.attention) {
    case AttentionKind::gat:
      return gat_scores(graph, head, false);
    case AttentionKind::sym_gat:
      return gat_scores(graph, head, true);
    case AttentionKind::cos:
      return of_entries(graph, [&](std::size_t node, std::size_t neighbour) {
        double sum = 0.0;
        for (std::size_t c = 0; c < head.channels(); ++c) {
          sum += head.weight(0, c) * head.feature(node, c) * head.weight(1, c) * head.feature(neighbour, c);
        }
        return sum;
      });
    case AttentionKind::linear: {
      std::vector<double> other = head.products(0);
      std::transform(other.begin(), other.end(), other.begin(), portable_tanh);
      return of_entries(graph, [&](std::size_t, std::size_t neighbour) { return other[neighbour]; });
    }
    default:
      break;
  }
  return of_entries(graph, [&](std::size_t node, std::size_t neighbour) {  // gene_linear
    double sum = 0.0;
    for (std::size_t c = 0; c < head.channels(); ++c) {
      sum += head.weight(2, c) * portable_tanh(head.weight(0, c) * head.feature(node, c) +
                                               head.weight(1, c) * head.feature(neighbour, c));
    }
    return sum;
  });
}

void apply_softmax(const Graph& graph, std::vector<double>& values) {
  for (std::size_t node = 0; node < graph.nodes(); ++node) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(graph.starts[node]);
    const auto end = values.begin() + static_cast<std::ptrdiff_t>(graph.starts[node + 1]);
    const double most = begin == end ? 0.0 : *std::max_element(begin, end);
    double sum = 0.0;
    for (auto each = begin; each != end; ++each) {
      *each = portable_exp(*each - most);
      sum += *each;
    }
    for (auto each = begin; each != end; ++each) {
      *each /= sum;
    }
  }
}

}  // namespace

bool depends_on_features(AttentionKind attention) {
  return attention != AttentionKind::constant && attention != AttentionKind::gcn;
}

std::size_t attention_rows(AttentionKind attention) {
  switch (attention) {
    case AttentionKind::constant:
    case AttentionKind::gcn:
      return 0;
    case AttentionKind::linear:
      return 1;
    case AttentionKind::gene_linear:
      return 3;
    default:
      return 2;
  }
}

std::vector<float> edge_coefficients(const NetworkLayer& layer, std::size_t head, const Tensor& features) {
  const Graph& graph = *layer.graph;
  std::vector<double> values;
  if (depends_on_features(layer.aggregation.attention)) {
    values = scores(layer, graph, HeadFeatures(layer, head, features));
    apply_softmax(graph, values);
  } else if (layer.aggregation.attention == AttentionKind::gcn) {
    values = of_entries(graph, [&](std::size_t node, std::size_t neighbour) {
      // A neighbour in a directed graph may itself take nobody's features.
      const std::uint64_t other = std::max<std::uint64_t>(graph.degree(neighbour), 1);
      return 1.0 / std::sqrt(static_cast<double>(graph.degree(node)) * static_cast<double>(other));
    });
  } else {
    values.assign(graph.entries(), 1.0);
  }
  std::vector<float> result;
  result.reserve(values.size());
  for (std::size_t node = 0; node < graph.nodes(); ++node) {
    const bool mean = layer.aggregation.reduction == Reduction::mean;
    const double divisor = mean ? static_cast<double>(graph.degree(node)) : 1.0;
    for (std::uint64_t i = graph.starts[node]; i < graph.starts[node + 1]; ++i) {
      result.push_back(static_cast<float>(values[i] / divisor));
    }
  }
  return result;
}

Tensor aggregated_output(const NetworkLayer& layer, const Tensor& input) {
  const Graph& graph = *layer.graph;
  const std::size_t channels = input.shape.channels;
  const std::size_t per_head = channels / layer.aggregation.heads;
  const bool largest = layer.aggregation.reduction == Reduction::max;
  Tensor output(layer.shape);
  std::vector<double> values(per_head);
  for (std::size_t head = 0; head < layer.aggregation.heads; ++head) {
    const std::vector<float> coefficients = edge_coefficients(layer, head, input);
    for (std::size_t node = 0; node < graph.nodes(); ++node) {
      const bool any = graph.degree(node) > 0;
      std::fill(values.begin(), values.end(), largest && any ? std::numeric_limits<double>::lowest() : 0.0);
      for (std::uint64_t i = graph.starts[node]; i < graph.starts[node + 1]; ++i) {
        const float* const features = &input.values[graph.neighbours[i] * channels + head * per_head];
        for (std::size_t c = 0; c < per_head; ++c) {
          const double value = static_cast<double>(coefficients[i]) * static_cast<double>(features[c]);
          values[c] = largest ? std::max(values[c], value) : values[c] + value;
        }
      }
      for (std::size_t c = 0; c < per_head; ++c) {
        const std::size_t channel = head * per_head + c;
        const double bias =
            layer.weights->bias.empty() ? 0.0 : static_cast<double>(layer.weights->bias[channel]);
        output.values[node * channels + channel] = static_cast<float>(values[c] + bias);
      }
    }
  }
  return output;
}

bool is_transform(const NetworkLayer& layer) {
  const Window& w = layer.window;
  return layer.kind == LayerKind::convolution && layer.groups == 1 && !layer.gates && w.height == 1 &&
         w.width == 1 && w.stride_height == 1 && w.stride_width == 1 && w.top == 0 && w.bottom == 0 &&
         w.left == 0 && w.right == 0;
}

namespace {

bool is_linear_aggregation(const NetworkLayer& layer) {
  return layer.kind == LayerKind::aggregation && !depends_on_features(layer.aggregation.attention) &&
         layer.aggregation.reduction != Reduction::max;
}

}  // namespace

bool can_change_places(const Network& network, std::size_t first) {
  const std::vector<std::size_t> consumers = network.consumers(first);
  const NetworkLayer& layer = network.layers[first];
  if (consumers.size() != 1 || layer.inputs.size() != 1 || layer.activation != Activation::none) {
    return false;
  }
  const NetworkLayer& second = network.layers[consumers.front()];
  const bool pair = (is_transform(layer) && is_linear_aggregation(second)) ||
                    (is_linear_aggregation(layer) && is_transform(second));
  return pair && layer.weights->bias.empty();
}

Network with_places_changed(const Network& network, std::size_t first) {
  Network result = network;
  const std::size_t second = network.consumers(first).front();
  NetworkLayer& earlier = result.layers[first];
  NetworkLayer& later = result.layers[second];
  std::swap(earlier, later);
  std::swap(earlier.inputs, later.inputs);
  std::swap(earlier.activation, later.activation);
  LayerWeights of_earlier = *earlier.weights;
  LayerWeights of_later = *later.weights;
  std::swap(of_earlier.bias, of_later.bias);
  earlier.weights = std::make_shared<const LayerWeights>(std::move(of_earlier));
  later.weights = std::make_shared<const LayerWeights>(std::move(of_later));
  for (const std::size_t position : {first, second}) {
    NetworkLayer& layer = result.layers[position];
    layer.shape = output_shape(layer, {result.layers[layer.inputs[0]].shape});
  }
  return result;
}

}  // namespace lacuna
