#include "sim/graph_training/graph_trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/nll_loss.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>
#include <torch/csrc/api/include/torch/version.h>

#include "models/common/error.h"
#include "sim/data/random/random_stream.h"
#include "sim/network/aggregation.h"

namespace lacuna {
namespace {

/// Numbers that outlive the tensor, copied.
at::Tensor tensor_of(const std::vector<float>& values, at::IntArrayRef shape) {
  return at::from_blob(const_cast<float*>(values.data()), shape, at::kFloat).clone();
}

at::Tensor indices_of(const std::vector<std::int64_t>& values) {
  return at::from_blob(const_cast<std::int64_t*>(values.data()), {static_cast<std::int64_t>(values.size())},
                       at::kLong)
      .clone();
}

std::vector<float> values_of(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.detach().contiguous();
  const float* const first = plain.data_ptr<float>();
  return {first, first + plain.numel()};
}

/// Leaves numbers out of a step; nothing where it does not learn.
class Dropout {
 public:
  Dropout() = default;
  explicit Dropout(RandomStream& stream) : stream_(&stream) {}

  at::Tensor applied(const at::Tensor& x, double share) const {
    if (stream_ == nullptr || share == 0.0) {
      return x;
    }
    std::vector<float> factors(static_cast<std::size_t>(x.numel()));
    const auto kept = static_cast<float>(1.0 / (1.0 - share));
    const auto below = static_cast<std::uint64_t>(std::ldexp(share, 32));
    for (float& factor : factors) {
      factor = stream_->next() < below ? 0.0F : kept;
    }
    return x.mul(tensor_of(factors, x.sizes()));
  }

 private:
  RandomStream* stream_ = nullptr;
};

/// The numbers of a layer that learn.
struct LayerParameters {
  at::Tensor weights;  ///< transforms [outputs, inputs], attention [rows, channels]; undefined without
  at::Tensor bias;
};

/// The features of the input that are not 0.
struct SparseFeatures {
  at::Tensor nodes;
  at::Tensor words;
  at::Tensor values;
};

/// A network as operators of libtorch; tensors between layers are [nodes, channels].
class GraphModel {
 public:
  GraphModel(const GraphTrainingInput& input, const Network& network)
      : config_(input.config), network_(network) {
    std::vector<std::int64_t> nodes;
    std::vector<std::int64_t> words;
    std::vector<float> values;
    const Tensor& features = input.features;
    for (std::size_t i = 0; i < features.values.size(); ++i) {
      if (features.values[i] != 0.0F) {
        nodes.push_back(static_cast<std::int64_t>(i / features.shape.channels));
        words.push_back(static_cast<std::int64_t>(i % features.shape.channels));
        values.push_back(features.values[i]);
      }
    }
    sparse_ = {indices_of(nodes), indices_of(words),
               tensor_of(values, {static_cast<std::int64_t>(values.size()), 1})};
    dense_ = tensor_of(features.values, {features.shape.height, features.shape.channels});
    for (const NetworkLayer& layer : network.layers) {
      if (layer.graph != nullptr) {
        set_graph(*layer.graph);
        break;
      }
    }
  }

  at::Tensor forward(const std::vector<LayerParameters>& parameters, const Dropout& dropout) const {
    std::vector<at::Tensor> outputs = {dense_};
    for (std::size_t i = 1; i < network_.layers.size(); ++i) {
      const NetworkLayer& layer = network_.layers[i];
      at::Tensor y = output(i, outputs, parameters, dropout);
      if (layer.activation == Activation::relu) {
        y = at::relu(y);
      } else if (layer.activation == Activation::relu6) {
        y = at::clamp(y, 0.0, 6.0);
      }
      outputs.push_back(y);
    }
    return outputs.back();
  }

 private:
  void set_graph(const Graph& graph) {
    std::vector<std::int64_t> of;
    std::vector<std::int64_t> taken;
    std::vector<float> degrees;
    starts_ = graph.starts;
    for (std::size_t node = 0; node < graph.nodes(); ++node) {
      of.insert(of.end(), graph.degree(node), static_cast<std::int64_t>(node));
      degrees.insert(degrees.end(), graph.degree(node), static_cast<float>(graph.degree(node)));
    }
    taken.assign(graph.neighbours.begin(), graph.neighbours.end());
    entry_node_ = indices_of(of);
    entry_neighbour_ = indices_of(taken);
    entry_degree_ = tensor_of(degrees, {static_cast<std::int64_t>(degrees.size()), 1});
  }

  at::Tensor output(std::size_t position, const std::vector<at::Tensor>& outputs,
                    const std::vector<LayerParameters>& parameters, const Dropout& dropout) const {
    const NetworkLayer& layer = network_.layers[position];
    const at::Tensor& x = outputs[layer.inputs[0]];
    switch (layer.kind) {
      case LayerKind::convolution:
        return transformed(layer, x, parameters[position], dropout);
      case LayerKind::aggregation:
        return aggregated(layer, x, parameters[position], dropout);
      case LayerKind::relu:
        return at::relu(x);
      case LayerKind::relu6:
        return at::clamp(x, 0.0, 6.0);
      case LayerKind::elementwise:
        return element(layer, x);
      case LayerKind::add: {
        at::Tensor sum = x;
        for (std::size_t i = 1; i < layer.inputs.size(); ++i) {
          sum = sum.add(outputs[layer.inputs[i]]);
        }
        return sum;
      }
      case LayerKind::concat: {
        std::vector<at::Tensor> parts;
        for (const std::size_t input : layer.inputs) {
          parts.push_back(outputs[input]);
        }
        return at::cat(parts, 1);
      }
      default:
        return x;  // softmax: the loss is taken before it
    }
  }

  static at::Tensor element(const NetworkLayer& layer, const at::Tensor& x) {
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

  at::Tensor transformed(const NetworkLayer& layer, const at::Tensor& x, const LayerParameters& parameters,
                         const Dropout& dropout) const {
    at::Tensor y;
    if (layer.inputs[0] == 0) {
      const at::Tensor values = dropout.applied(sparse_.values, config_.dropout);
      const at::Tensor products = parameters.weights.t().index_select(0, sparse_.words).mul(values);
      y = at::zeros({x.size(0), layer.outputs()}, at::kFloat).index_add(0, sparse_.nodes, products);
    } else {
      y = dropout.applied(x, config_.dropout).matmul(parameters.weights.t());
    }
    return parameters.bias.defined() ? y.add(parameters.bias) : y;
  }

  at::Tensor aggregated(const NetworkLayer& layer, const at::Tensor& x, const LayerParameters& parameters,
                        const Dropout& dropout) const {
    const std::int64_t channels = x.size(1);
    const std::int64_t heads = layer.aggregation.heads;
    at::Tensor coefficients;
    if (depends_on_features(layer.aggregation.attention)) {
      coefficients = softmax(scores(layer, x, parameters.weights, heads), heads);
      if (layer.aggregation.reduction == Reduction::mean) {
        coefficients = coefficients.div(entry_degree_);
      }
      coefficients = dropout.applied(coefficients, config_.attention_dropout);
    } else {
      const std::vector<float> fixed = edge_coefficients(layer, 0, Tensor{});
      coefficients = tensor_of(fixed, {static_cast<std::int64_t>(fixed.size()), 1});
    }
    const at::Tensor taken = x.index_select(0, entry_neighbour_)
                                 .reshape({-1, heads, channels / heads})
                                 .mul(coefficients.unsqueeze(2))
                                 .reshape({-1, channels});
    const at::Tensor y = layer.aggregation.reduction == Reduction::max
                             ? largest(taken)
                             : at::zeros(x.sizes(), at::kFloat).index_add(0, entry_node_, taken);
    return y.add(parameters.bias);
  }

  /// For each node and channel the largest of its entries [entries, channels], the first among equals; 0
  /// without any.
  at::Tensor largest(const at::Tensor& taken) const {
    const std::vector<float> values = values_of(taken);
    const auto channels = static_cast<std::size_t>(taken.size(1));
    const std::size_t nodes = starts_.size() - 1;
    std::vector<std::int64_t> entries(nodes * channels, 0);
    std::vector<float> any(nodes, 0.0F);
    for (std::size_t node = 0; node < nodes; ++node) {
      any[node] = starts_[node] < starts_[node + 1] ? 1.0F : 0.0F;
      for (std::size_t c = 0; c < channels && any[node] > 0.0F; ++c) {
        std::uint64_t best = starts_[node];
        for (std::uint64_t i = best + 1; i < starts_[node + 1]; ++i) {
          best = values[i * channels + c] > values[best * channels + c] ? i : best;
        }
        entries[node * channels + c] = static_cast<std::int64_t>(best);
      }
    }
    const auto rows = static_cast<std::int64_t>(nodes);
    return taken.gather(0, indices_of(entries).reshape({rows, taken.size(1)})).mul(tensor_of(any, {rows, 1}));
  }

  /// [entries, heads], before the softmax.
  at::Tensor scores(const NetworkLayer& layer, const at::Tensor& x, const at::Tensor& weights,
                    std::int64_t heads) const {
    const auto by_head = [&](const at::Tensor& values) {
      return values.reshape({values.size(0), heads, -1}).sum(2);
    };
    const auto of_node = [&](const at::Tensor& values) { return values.index_select(0, entry_node_); };
    const auto of_neighbour = [&](const at::Tensor& values) {
      return values.index_select(0, entry_neighbour_);
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
  at::Tensor softmax(const at::Tensor& scores, std::int64_t heads) const {
    const std::vector<float> values = values_of(scores);
    const auto width = static_cast<std::size_t>(heads);
    std::vector<float> most(values.size());
    for (std::size_t node = 0; node + 1 < starts_.size(); ++node) {
      for (std::size_t head = 0; head < width; ++head) {
        float largest = -std::numeric_limits<float>::infinity();
        for (std::uint64_t i = starts_[node]; i < starts_[node + 1]; ++i) {
          largest = std::max(largest, values[i * width + head]);
        }
        for (std::uint64_t i = starts_[node]; i < starts_[node + 1]; ++i) {
          most[i * width + head] = largest;
        }
      }
    }
    const at::Tensor exponentials = scores.sub(tensor_of(most, scores.sizes())).exp();
    const auto nodes = static_cast<std::int64_t>(starts_.size()) - 1;
    const at::Tensor sums = at::zeros({nodes, heads}, at::kFloat).index_add(0, entry_node_, exponentials);
    return exponentials.div(sums.index_select(0, entry_node_));
  }

  const GraphTrainingConfig& config_;
  const Network& network_;
  SparseFeatures sparse_;
  at::Tensor dense_;
  std::vector<std::uint64_t> starts_;
  at::Tensor entry_node_;
  at::Tensor entry_neighbour_;
  at::Tensor entry_degree_;
};

/// A part of the nodes with their classes.
struct Part {
  explicit Part(const std::vector<NodeLabel>& labels) {
    std::vector<std::int64_t> node_list;
    std::vector<std::int64_t> class_list;
    for (const NodeLabel& each : labels) {
      node_list.push_back(each.node);
      class_list.push_back(each.label);
    }
    nodes = indices_of(node_list);
    classes = indices_of(class_list);
  }

  at::Tensor loss(const at::Tensor& outputs) const {
    return at::nll_loss(at::log_softmax(outputs.index_select(0, nodes), 1), classes);
  }
  NodeScore score(const at::Tensor& outputs) const {
    const at::Tensor right = outputs.index_select(0, nodes).argmax(1).eq(classes).sum();
    return {static_cast<std::uint64_t>(nodes.numel()),
            static_cast<std::uint64_t>(right.item<std::int64_t>())};
  }

  at::Tensor nodes;
  at::Tensor classes;
};

/// One list of numbers that learns, with the moments of Adam (Kingma and Ba, ICLR 2015).
struct Learning {
  at::Tensor values;
  double decay = 0.0;
  at::Tensor mean;
  at::Tensor square;

  void step(double rate, std::uint32_t epoch) {
    constexpr double mean_share = 0.9;
    constexpr double square_share = 0.999;
    constexpr double smallest = 1e-8;
    const at::Tensor gradient = values.grad().add(values.detach(), decay);
    mean = mean.mul(mean_share).add(gradient, 1.0 - mean_share);
    square = square.mul(square_share).add(gradient.mul(gradient), 1.0 - square_share);
    const at::Tensor m = mean.div(1.0 - std::pow(mean_share, epoch));
    const at::Tensor s = square.div(1.0 - std::pow(square_share, epoch));
    const at::NoGradGuard no_gradients;
    values.sub_(m.div(s.sqrt().add(smallest)).mul(rate));
    values.mutable_grad() = at::Tensor();
  }
};

class GraphTraining {
 public:
  GraphTraining(const GraphTrainingInput& input, std::uint64_t seed)
      : input_(input),
        model_(input, input.network),
        first_(seed, StreamPurpose::weight_codes, 0),
        dropout_(seed, StreamPurpose::activation_positions, 0) {
    parameters_.resize(input.network.layers.size());
    bool first_transform = true;
    for (std::size_t i = 1; i < parameters_.size(); ++i) {
      const NetworkLayer& layer = input.network.layers[i];
      const auto channels = static_cast<std::int64_t>(input.network.input_of(layer).shape.channels);
      const double decay = input.config.weight_decay;
      const double others_decay = input.config.decay_all ? decay : 0.0;
      if (layer.kind == LayerKind::convolution) {
        learn(parameters_[i].weights, drawn(layer.outputs(), channels),
              first_transform ? decay : others_decay);
        if (!layer.weights->bias.empty()) {
          learn(parameters_[i].bias, at::zeros({layer.outputs()}, at::kFloat), others_decay);
        }
        first_transform = false;
      } else if (layer.kind == LayerKind::aggregation) {
        const auto rows = static_cast<std::int64_t>(attention_rows(layer.aggregation.attention));
        if (rows > 0) {
          learn(parameters_[i].weights, drawn(rows, channels), others_decay);
        }
        learn(parameters_[i].bias, at::zeros({channels}, at::kFloat), others_decay);
      }
    }
  }

  TrainedGraphNetwork train(std::uint64_t seed, const std::function<void()>& check) {
    const Part train(input_.train);
    const Part validation(input_.validation);
    const Part test(input_.test);
    TrainedGraphNetwork best;
    best.seed = seed;
    double best_loss = std::numeric_limits<double>::infinity();
    for (std::uint32_t epoch = 1; epoch <= input_.config.epochs; ++epoch) {
      if (check) {
        check();
      }
      const at::Tensor loss = train.loss(model_.forward(parameters_, Dropout(dropout_)));
      loss.backward();
      for (Learning& each : learning_) {
        each.step(input_.config.rate, epoch);
      }
      const at::NoGradGuard no_gradients;
      const at::Tensor outputs = model_.forward(parameters_, Dropout());
      const double held_out = validation.loss(outputs).item<double>();
      if (!std::isfinite(held_out)) {
        throw InputDataError({}, fmt::format("the loss of epoch {} is not finite", epoch), "a lower rate");
      }
      const NodeScore score = validation.score(outputs);
      if (epoch == 1 || score.correct > best.validation.correct ||
          (score.correct == best.validation.correct && held_out < best_loss)) {
        best_loss = held_out;
        best.epoch = epoch;
        best.loss = loss.item<double>();
        best.train = train.score(outputs);
        best.validation = score;
        best.test = test.score(outputs);
        best.network = with_parameters();
      }
    }
    return best;
  }

 private:
  at::Tensor drawn(std::int64_t rows, std::int64_t columns) {
    const double most = std::sqrt(6.0 / static_cast<double>(rows + columns));
    std::vector<float> values(static_cast<std::size_t>(rows * columns));
    for (float& value : values) {
      value = static_cast<float>(most * (std::ldexp(static_cast<double>(first_.next()), -31) - 1.0));
    }
    return tensor_of(values, {rows, columns});
  }

  void learn(at::Tensor& parameter, const at::Tensor& values, double decay) {
    values.requires_grad_(true);
    parameter = values;
    learning_.push_back(
        {values, decay, at::zeros(values.sizes(), at::kFloat), at::zeros(values.sizes(), at::kFloat)});
  }

  Network with_parameters() const {
    Network network = input_.network;
    for (std::size_t i = 1; i < network.layers.size(); ++i) {
      if (network.layers[i].weights == nullptr) {
        continue;
      }
      LayerWeights weights;
      const LayerParameters& learnt = parameters_[i];
      weights.values = learnt.weights.defined() ? values_of(learnt.weights) : std::vector<float>();
      weights.bias = learnt.bias.defined() ? values_of(learnt.bias) : std::vector<float>();
      network.layers[i].weights = std::make_shared<const LayerWeights>(std::move(weights));
    }
    return network;
  }

  const GraphTrainingInput& input_;
  GraphModel model_;
  RandomStream first_;
  RandomStream dropout_;
  std::vector<LayerParameters> parameters_;
  std::vector<Learning> learning_;
};

void set_threads(std::uint32_t threads) {
  at::set_num_threads(static_cast<int>(threads));
  at::globalContext().setDeterministicAlgorithms(true, false);
}

}  // namespace

TrainedGraphNetwork train_graph_network(const GraphTrainingInput& input, std::uint64_t seed,
                                        const std::function<void()>& check) {
  set_threads(input.config.threads);
  return GraphTraining(input, seed).train(seed, check);
}

std::vector<float> torch_outputs(const GraphTrainingInput& input, const Network& network) {
  set_threads(input.config.threads);
  std::vector<LayerParameters> parameters(network.layers.size());
  for (std::size_t i = 1; i < parameters.size(); ++i) {
    const NetworkLayer& layer = network.layers[i];
    const auto channels = static_cast<std::int64_t>(network.input_of(layer).shape.channels);
    if (layer.weights == nullptr) {
      continue;
    }
    if (!layer.weights->values.empty()) {
      parameters[i].weights =
          tensor_of(layer.weights->values,
                    {static_cast<std::int64_t>(layer.weights->values.size()) / channels, channels});
    }
    if (!layer.weights->bias.empty()) {
      parameters[i].bias =
          tensor_of(layer.weights->bias, {static_cast<std::int64_t>(layer.weights->bias.size())});
    } else if (layer.kind == LayerKind::aggregation) {
      parameters[i].bias = at::zeros({channels}, at::kFloat);
    }
  }
  const at::NoGradGuard no_gradients;
  return values_of(GraphModel(input, network).forward(parameters, Dropout()));
}

std::string graph_training_library(std::uint32_t threads) {
  return fmt::format("libtorch {}, {} threads", TORCH_VERSION, threads);
}

}  // namespace lacuna
