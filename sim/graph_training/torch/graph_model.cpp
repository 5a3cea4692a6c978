#include "sim/graph_training/torch/graph_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/nll_loss.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/zeros.h>

#include "sim/graph_training/torch/graph_quantisers.h"
#include "sim/graph_training/torch/row_sums.h"
#include "sim/network/aggregation.h"

namespace lacuna {
namespace {

at::Tensor element(const NetworkLayer& layer, const at::Tensor& x) {
  switch (layer.element.function) {
    case ElementFunction::sigmoid:
      return x.sigmoid();
    case ElementFunction::tanh:
      return x.tanh();
    case ElementFunction::leaky_relu:
      return at::leaky_relu(x, layer.element.alpha);
    case ElementFunction::elu:
      return at::elu(x, layer.element.alpha);
    default:
      return at::softplus(x);
  }
}

at::Tensor activated(Activation activation, const at::Tensor& x) {
  switch (activation) {
    case Activation::relu:
      return at::relu(x);
    case Activation::relu6:
      return at::clamp(x, 0.0, 6.0);
    default:
      return x;
  }
}

}  // namespace

at::Tensor Dropout::applied(const at::Tensor& x, double share) const {
  if (stream_ == nullptr || share == 0.0) {
    return x;
  }
  std::vector<float> factors(static_cast<std::size_t>(x.numel()));
  const auto kept = static_cast<float>(1.0 / (1.0 - share));
  const auto below = static_cast<std::uint64_t>(std::ldexp(share, 32));
  for (float& factor : factors) {
    factor = stream_->next() < below ? 0.0F : kept;
  }
  *draws_ += factors.size();
  return x.mul(tensor_of(factors, x.sizes()));
}

at::Tensor held_weights(const LayerParameters& parameters, const GraphLayerNumbers& numbers) {
  if (!numbers.weight_bits || !parameters.weights.defined()) {
    return parameters.weights;
  }
  return *numbers.weight_bits == ternary_bits
             ? ternary(parameters.weights, parameters.threshold, parameters.scale)
             : rounded(parameters.weights, fitted_rounding(parameters.weights, *numbers.weight_bits));
}

GraphTensors::GraphTensors(const Tensor& features, const Graph& graph) : starts(graph.starts) {
  std::vector<std::int64_t> node_list;
  std::vector<std::int64_t> word_list;
  std::vector<float> value_list;
  for (std::size_t i = 0; i < features.values.size(); ++i) {
    if (features.values[i] != 0.0F) {
      node_list.push_back(static_cast<std::int64_t>(i / features.shape.channels));
      word_list.push_back(static_cast<std::int64_t>(i % features.shape.channels));
      value_list.push_back(features.values[i]);
    }
  }
  nodes = indices_of(node_list);
  words = indices_of(word_list);
  values = tensor_of(value_list, {static_cast<std::int64_t>(value_list.size()), 1});
  dense = tensor_of(features.values, {features.shape.height, features.shape.channels});
  std::vector<std::int64_t> of;
  std::vector<float> degrees;
  for (std::size_t node = 0; node < graph.nodes(); ++node) {
    of.insert(of.end(), graph.degree(node), static_cast<std::int64_t>(node));
    degrees.insert(degrees.end(), graph.degree(node), static_cast<float>(graph.degree(node)));
  }
  const std::vector<std::int64_t> taken(graph.neighbours.begin(), graph.neighbours.end());
  entry_node = indices_of(of);
  entry_neighbour = indices_of(taken);
  entry_degree = tensor_of(degrees, {static_cast<std::int64_t>(degrees.size()), 1});
}

const at::Tensor& GraphTensors::fixed_coefficients(const NetworkLayer& layer) const {
  at::Tensor& made = coefficients_[{layer.aggregation.attention, layer.aggregation.reduction}];
  if (!made.defined()) {
    const std::vector<float> fixed = edge_coefficients(layer, 0, Tensor{});
    made = tensor_of(fixed, {static_cast<std::int64_t>(fixed.size()), 1});
  }
  return made;
}

/// The output of a layer. Of features that are rounded only what is not 0 is computed, until somebody wants
/// all.
struct GraphModel::Value {
  at::Tensor dense;
  at::Tensor features;         ///< in the places of GraphTensors
  ElementParameters rounding;  ///< of features, where `dense` is undefined

  at::Tensor all(const GraphTensors& graph) const {
    return dense.defined() ? dense : rounded(graph.dense, rounding);
  }
};

at::Tensor GraphModel::forward(const std::vector<LayerParameters>& parameters, const Dropout& dropout,
                               std::vector<ElementParameters>* roundings) const {
  if (roundings != nullptr) {
    roundings->assign(network_.layers.size(), {});
  }
  std::vector<Value> outputs = {{graph_.dense, graph_.values, {}}};
  for (std::size_t i = 1; i < network_.layers.size(); ++i) {
    Value y = output(i, outputs, parameters, dropout, roundings);
    if (y.dense.defined() && parameters[i].factor.defined()) {
      y.dense = y.dense.mul(parameters[i].factor);
    }
    if (y.dense.defined()) {
      y.dense = activated(network_.layers[i].activation, y.dense);
    }
    outputs.push_back(std::move(y));
  }
  return outputs.back().dense;
}

GraphModel::Value GraphModel::output(std::size_t position, const std::vector<Value>& outputs,
                                     const std::vector<LayerParameters>& parameters, const Dropout& dropout,
                                     std::vector<ElementParameters>* roundings) const {
  const NetworkLayer& layer = network_.layers[position];
  const Value& input = outputs[layer.inputs[0]];
  if (layer.kind == LayerKind::convolution) {
    return {transformed(position, input, parameters[position], dropout), {}, {}};
  }
  if (numbers_[position].rounding_bits && input.features.defined()) {
    const ElementParameters format = rounding(position, input.features, roundings);
    return {{}, rounded(input.features, format), format};
  }
  const at::Tensor x = input.all(graph_);
  switch (layer.kind) {
    case LayerKind::aggregation:
      return {aggregated(position, x, parameters[position], dropout), {}, {}};
    case LayerKind::relu:
      return {at::relu(x), {}, {}};
    case LayerKind::relu6:
      return {at::clamp(x, 0.0, 6.0), {}, {}};
    case LayerKind::elementwise:
      return {layer.element.function == ElementFunction::quantise
                  ? rounded(x, rounding(position, x, roundings))
                  : element(layer, x),
              {},
              {}};
    case LayerKind::add: {
      at::Tensor sum = x;
      for (std::size_t i = 1; i < layer.inputs.size(); ++i) {
        sum = sum.add(outputs[layer.inputs[i]].all(graph_));
      }
      return {sum, {}, {}};
    }
    case LayerKind::concat: {
      std::vector<at::Tensor> parts;
      for (const std::size_t each : layer.inputs) {
        parts.push_back(outputs[each].all(graph_));
      }
      return {at::cat(parts, 1), {}, {}};
    }
    default:
      return {x, {}, {}};  // softmax: the loss is taken before it
  }
}

/// The layer's own format, or the one that follows its input's range.
ElementParameters GraphModel::rounding(std::size_t position, const at::Tensor& x,
                                       std::vector<ElementParameters>* roundings) const {
  if (!numbers_[position].rounding_bits) {
    return network_.layers[position].element;
  }
  ElementParameters format = fitted_rounding(x, *numbers_[position].rounding_bits);
  if (roundings != nullptr) {
    (*roundings)[position] = format;
  }
  return format;
}

at::Tensor GraphModel::transformed(std::size_t position, const Value& x, const LayerParameters& parameters,
                                   const Dropout& dropout) const {
  const at::Tensor weights = held_weights(parameters, numbers_[position]);
  at::Tensor y;
  if (x.features.defined()) {
    const at::Tensor values = dropout.applied(x.features, config_.dropout);
    y = weighted_rows_added(weights.t(), values, graph_.words, graph_.nodes, graph_.dense.size(0));
  } else {
    y = dropout.applied(x.dense, config_.dropout).matmul(weights.t());
  }
  return parameters.bias.defined() ? y.add(parameters.bias) : y;
}

at::Tensor GraphModel::aggregated(std::size_t position, const at::Tensor& x,
                                  const LayerParameters& parameters, const Dropout& dropout) const {
  const NetworkLayer& layer = network_.layers[position];
  const std::int64_t channels = x.size(1);
  const std::int64_t heads = layer.aggregation.heads;
  at::Tensor coefficients;
  if (depends_on_features(layer.aggregation.attention)) {
    coefficients = softmax(scores(layer, x, held_weights(parameters, numbers_[position]), heads), heads);
    if (layer.aggregation.reduction == Reduction::mean) {
      coefficients = coefficients.div(graph_.entry_degree);
    }
    coefficients = dropout.applied(coefficients, config_.attention_dropout);
  } else {
    coefficients = graph_.fixed_coefficients(layer);
  }
  if (layer.aggregation.reduction == Reduction::max) {
    const at::Tensor taken = rows_taken(x, graph_.entry_neighbour)
                                 .reshape({-1, heads, channels / heads})
                                 .mul(coefficients.unsqueeze(2))
                                 .reshape({-1, channels});
    return largest(taken).add(parameters.bias);
  }
  return weighted_rows_added(x, coefficients, graph_.entry_neighbour, graph_.entry_node, x.size(0))
      .add(parameters.bias);
}

/// For each node and channel the largest of its entries [entries, channels], the first among equals; 0
/// without any.
at::Tensor GraphModel::largest(const at::Tensor& taken) const {
  const std::vector<float> values = values_of(taken);
  const auto channels = static_cast<std::size_t>(taken.size(1));
  const std::size_t nodes = graph_.starts.size() - 1;
  std::vector<std::int64_t> entries(nodes * channels, 0);
  std::vector<float> any(nodes, 0.0F);
  for (std::size_t node = 0; node < nodes; ++node) {
    any[node] = graph_.starts[node] < graph_.starts[node + 1] ? 1.0F : 0.0F;
    for (std::size_t c = 0; c < channels && any[node] > 0.0F; ++c) {
      std::uint64_t best = graph_.starts[node];
      for (std::uint64_t i = best + 1; i < graph_.starts[node + 1]; ++i) {
        best = values[i * channels + c] > values[best * channels + c] ? i : best;
      }
      entries[node * channels + c] = static_cast<std::int64_t>(best);
    }
  }
  const auto rows = static_cast<std::int64_t>(nodes);
  return taken.gather(0, indices_of(entries).reshape({rows, taken.size(1)})).mul(tensor_of(any, {rows, 1}));
}

/// [entries, heads], before the softmax.
at::Tensor GraphModel::scores(const NetworkLayer& layer, const at::Tensor& x, const at::Tensor& weights,
                              std::int64_t heads) const {
  const auto by_head = [&](const at::Tensor& values) {
    return values.reshape({values.size(0), heads, -1}).sum(2);
  };
  const auto of_node = [&](const at::Tensor& values) { return rows_taken(values, graph_.entry_node); };
  const auto of_neighbour = [&](const at::Tensor& values) {
    return rows_taken(values, graph_.entry_neighbour);
  };
  const auto weighted = [&](std::int64_t row) { return x.mul(weights.select(0, row)); };
  switch (layer.aggregation.attention) {
    case AttentionKind::cos:
      return by_head(of_node(weighted(0)).mul(of_neighbour(weighted(1))));
    case AttentionKind::linear:
      return of_neighbour(by_head(weighted(0)).tanh());
    case AttentionKind::gene_linear:
      return by_head(of_node(weighted(0)).add(of_neighbour(weighted(1))).tanh().mul(weights.select(0, 2)));
    default:
      break;
  }
  const at::Tensor own = by_head(weighted(0));
  const at::Tensor other = by_head(weighted(1));
  const at::Tensor gat = at::leaky_relu(of_node(own).add(of_neighbour(other)), attention_slope);
  return layer.aggregation.attention == AttentionKind::gat
             ? gat
             : gat.add(at::leaky_relu(of_neighbour(own).add(of_node(other)), attention_slope));
}

/// Over each node's entries.
at::Tensor GraphModel::softmax(const at::Tensor& scores, std::int64_t heads) const {
  const std::vector<float> values = values_of(scores);
  const auto width = static_cast<std::size_t>(heads);
  std::vector<float> most(values.size());
  for (std::size_t node = 0; node + 1 < graph_.starts.size(); ++node) {
    for (std::size_t head = 0; head < width; ++head) {
      float largest = -std::numeric_limits<float>::infinity();
      for (std::uint64_t i = graph_.starts[node]; i < graph_.starts[node + 1]; ++i) {
        largest = std::max(largest, values[i * width + head]);
      }
      for (std::uint64_t i = graph_.starts[node]; i < graph_.starts[node + 1]; ++i) {
        most[i * width + head] = largest;
      }
    }
  }
  const at::Tensor exponentials = scores.sub(tensor_of(most, scores.sizes())).exp();
  const auto nodes = static_cast<std::int64_t>(graph_.starts.size()) - 1;
  const at::Tensor sums = rows_added(exponentials, graph_.entry_node, nodes);
  return exponentials.div(rows_taken(sums, graph_.entry_node));
}

std::vector<GraphLayerValues> layer_values(const std::vector<GraphLayerNumbers>& numbers,
                                           const std::vector<LayerParameters>& parameters,
                                           const std::vector<ElementParameters>& roundings) {
  const at::NoGradGuard no_gradients;
  std::vector<GraphLayerValues> layers(parameters.size());
  for (std::size_t i = 1; i < layers.size(); ++i) {
    if (parameters[i].weights.defined()) {
      layers[i].values = values_of(held_weights(parameters[i], numbers[i]));
    }
    if (parameters[i].bias.defined()) {
      layers[i].bias = values_of(parameters[i].bias);
    }
    if (numbers[i].rounding_bits) {
      layers[i].step = roundings[i].step;
      layers[i].lower = *roundings[i].lower;
      layers[i].upper = *roundings[i].upper;
    }
  }
  return layers;
}

NodePart::NodePart(const std::vector<NodeLabel>& labels) {
  std::vector<std::int64_t> node_list;
  std::vector<std::int64_t> class_list;
  for (const NodeLabel& each : labels) {
    node_list.push_back(each.node);
    class_list.push_back(each.label);
  }
  nodes = indices_of(node_list);
  classes = indices_of(class_list);
}

at::Tensor NodePart::loss(const at::Tensor& outputs) const {
  return at::nll_loss(at::log_softmax(outputs.index_select(0, nodes), 1), classes);
}

Evaluation NodePart::evaluation(const at::Tensor& outputs) const {
  const at::Tensor right = outputs.index_select(0, nodes).argmax(1).eq(classes).sum();
  Evaluation result;
  result.images = static_cast<std::uint64_t>(nodes.numel());
  result.correct = static_cast<std::uint64_t>(right.item<std::int64_t>());
  result.loss_sum = loss(outputs).item<double>() * static_cast<double>(result.images);
  return result;
}

Learning::Learning(const at::Tensor& first, double l2)
    : values(first),
      decay(l2),
      mean(at::zeros(first.sizes(), at::kFloat)),
      square(at::zeros(first.sizes(), at::kFloat)) {
  values.requires_grad_(true);
}

void Learning::step(double rate) {
  constexpr double mean_share = 0.9;
  constexpr double square_share = 0.999;
  constexpr double smallest = 1e-8;
  if (!values.grad().defined()) {
    return;
  }
  const at::NoGradGuard no_gradients;
  const auto time = static_cast<double>(++updates);
  const at::Tensor gradient = values.grad().add(values, decay);
  mean = mean.mul(mean_share).add(gradient, 1.0 - mean_share);
  square = square.mul(square_share).add(gradient.mul(gradient), 1.0 - square_share);
  const at::Tensor m = mean.div(1.0 - std::pow(mean_share, time));
  const at::Tensor s = square.div(1.0 - std::pow(square_share, time));
  values.sub_(m.div(s.sqrt().add(smallest)).mul(rate));
  forget_gradient();
}

LearntNumbers Learning::state() const {
  return {values_of(values), values_of(mean), values_of(square), updates};
}

void Learning::restore(const LearntNumbers& state) {
  const at::NoGradGuard no_gradients;
  values.copy_(tensor_of(state.values, values.sizes()));
  mean = tensor_of(state.mean, values.sizes());
  square = tensor_of(state.square, values.sizes());
  updates = state.updates;
}

at::Tensor drawn_weights(RandomStream& stream, std::int64_t rows, std::int64_t columns) {
  const double most = std::sqrt(6.0 / static_cast<double>(rows + columns));
  std::vector<float> values(static_cast<std::size_t>(rows * columns));
  for (float& value : values) {
    value = static_cast<float>(most * (std::ldexp(static_cast<double>(stream.next()), -31) - 1.0));
  }
  return tensor_of(values, {rows, columns});
}

}  // namespace lacuna
