#include "sim/training/torch/torch_network.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/native_batch_norm.h>
#include <ATen/ops/nll_loss.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/slogdet.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <torch/csrc/api/include/torch/version.h>

#include "models/common/error.h"
#include "sim/network/gates.h"
#include "sim/network/window_pixels.h"
#include "sim/training/rounded_activations.h"

namespace lacuna {
namespace {

/// The linear algebra that libtorch is linked with follows this where it is OpenBLAS; it starts a thread for
/// each processor otherwise.
void set_blas_threads(std::uint32_t threads) {
  using SetThreads = void (*)(int);
  if (auto* const set = reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) {
    set(static_cast<int>(threads));
  }
}

/// What is the process', once: networks may be made in several threads while others compute.
void set_up_process(std::uint32_t threads) {
  static std::mutex mutex;
  static std::uint32_t set = 0;
  const std::lock_guard<std::mutex> lock(mutex);
  if (set != threads) {
    set_blas_threads(threads);
    at::globalContext().setDeterministicAlgorithms(true, false);
    set = threads;
  }
}

std::string blas_description() {
  using GetConfig = char* (*)();
  if (auto* const get = reinterpret_cast<GetConfig>(dlsym(RTLD_DEFAULT, "openblas_get_config"))) {
    return get();
  }
  return "another BLAS than OpenBLAS";
}

using Pair = std::array<std::int64_t, 2>;

bool symmetric(const Window& window) {
  return window.top == window.bottom && window.left == window.right;
}

[[noreturn]] void refuse_kind(const NetworkLayer& layer) {
  refuse_layer(layer, fmt::format("kind {} cannot be trained", kind_name(layer.kind)),
               "convolution, fully_connected, pooling, relu, relu6, sigmoid, tanh, add, multiply, concat, "
               "pad, flatten, rearrange; softmax at the end");
}

void check_kind(const NetworkLayer& layer, bool last) {
  switch (layer.kind) {
    case LayerKind::input:
    case LayerKind::convolution:
    case LayerKind::fully_connected:
    case LayerKind::max_pooling:
    case LayerKind::global_average_pooling:
    case LayerKind::relu:
    case LayerKind::relu6:
    case LayerKind::add:
    case LayerKind::multiply:
    case LayerKind::concat:
    case LayerKind::pad:
    case LayerKind::flatten:
    case LayerKind::rearrange:
      return;
    case LayerKind::average_pooling:
      if (!symmetric(layer.window) || layer.ceil_mode) {
        refuse_layer(layer, "this kind of average pooling cannot be trained",
                     "as much padding on either side, and no ceil_mode");
      }
      return;
    case LayerKind::elementwise:
      if (layer.element.function != ElementFunction::sigmoid &&
          layer.element.function != ElementFunction::tanh &&
          layer.element.function != ElementFunction::quantise) {
        refuse_layer(layer,
                     fmt::format("function {} cannot be trained", function_name(layer.element.function)),
                     "sigmoid, tanh or quantise");
      }
      return;
    case LayerKind::softmax:
    case LayerKind::log_softmax:
      if (!last) {
        refuse_layer(layer, fmt::format("kind {} cannot be trained here", kind_name(layer.kind)),
                     "at the network's end");
      }
      return;
    default:
      refuse_kind(layer);
  }
}

at::Tensor activated(const at::Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::relu:
      return at::relu(x);
    case Activation::relu6:
      return at::clamp(x, 0.0, 6.0);
    case Activation::none:
      break;
  }
  return x;
}

/// Rounded to the function's integers; the gradient goes straight through, but for what lies beyond them.
at::Tensor rounded(const at::Tensor& x, const ElementParameters& e) {
  at::Tensor scaled = x.div(e.step).add(e.zero_point);
  if (e.lower) {
    scaled = at::clamp(scaled, *e.lower, c10::nullopt);
  }
  if (e.upper) {
    scaled = at::clamp(scaled, c10::nullopt, *e.upper);
  }
  const at::Tensor lost = scaled.detach().round().sub(scaled.detach());
  return scaled.add(lost).sub(e.zero_point).mul(e.step);
}

/// A gradient as plain numbers, in the tensor's order.
void store(const at::Tensor& gradient, std::vector<float>& values) {
  const at::Tensor plain = gradient.to(at::kFloat).contiguous();
  const float* const first = plain.data_ptr<float>();
  values.assign(first, first + plain.numel());
}

}  // namespace

/// The network as operators of libtorch. Tensors between layers are [images, channels, height, width].
class TorchNetwork::Graph {
 public:
  Graph(const Network& network, TorchPrecision precision)
      : network_(network), type_(precision == TorchPrecision::float64 ? at::kDouble : at::kFloat) {
    std::size_t trained = 0;
    for (const NetworkLayer& layer : network.layers) {
      check_kind(layer, &layer == &network.layers.back());
      trained_.push_back(has_weights(layer.kind) ? trained++ : 0);
    }
  }

  /// Weights and biases of a layer; leaves of the graph where gradients are wanted.
  struct Leaves {
    at::Tensor weights;
    at::Tensor bias;  ///< undefined where there are none
    double activation_lasso = 0.0;
    const TrainedNorm* norm = nullptr;
    std::optional<ElementParameters> rounding;  ///< of the outputs
    const TrainedGates* gates = nullptr;
    at::Tensor gate_weights;  ///< with gates
    at::Tensor gate_bias;
  };

  /// What comes of a batch.
  struct Forward {
    at::Tensor logits;                ///< [images, outputs], before a softmax at the end
    std::vector<at::Tensor> outputs;  ///< of each layer
    at::Tensor penalty;               ///< added to the loss; undefined without
    std::vector<at::Tensor> mean;     ///< of each trained layer with a norm: of the batch's products
    std::vector<at::Tensor> inverse;  ///< one by the deviation of the same
  };

  std::vector<Leaves> leaves(const std::vector<TrainedLayer>& layers, bool gradients) const {
    std::vector<Leaves> all;
    for (const TrainedLayer& layer : layers) {
      Leaves each;
      each.activation_lasso = layer.activation_lasso;
      if (layer.activations) {
        each.rounding = rounding_of(*layer.activations);
      }
      each.weights = tensor_of(layer.weights, {static_cast<std::int64_t>(layer.weights.size())});
      each.weights.requires_grad_(gradients);
      if (!layer.bias.empty()) {
        each.bias = tensor_of(layer.bias, {static_cast<std::int64_t>(layer.bias.size())});
        each.bias.requires_grad_(gradients);
      }
      if (layer.norm) {
        each.norm = &*layer.norm;
      }
      if (layer.gates) {
        const auto outputs = static_cast<std::int64_t>(layer.gates->bias.size());
        const auto inputs = static_cast<std::int64_t>(layer.gates->weights.size()) / outputs;
        each.gates = &*layer.gates;
        each.norm = &layer.gates->norm;
        each.gate_weights = tensor_of(layer.gates->weights, {outputs, inputs});
        each.gate_bias = tensor_of(layer.gates->bias, {outputs});
        each.gate_weights.requires_grad_(gradients);
        each.gate_bias.requires_grad_(gradients);
      }
      all.push_back(each);
    }
    return all;
  }

  /// Position of a trained layer.
  std::size_t position_of(std::size_t trained) const {
    std::size_t position = 0;
    while (!has_weights(network_.layers[position].kind) || trained_[position] != trained) {
      ++position;
    }
    return position;
  }

  /// `learns`: normalisation by this batch, else by what is known. `outputs`: of the first layers, where they
  /// are known.
  Forward forward(const std::vector<Leaves>& leaves, const ImageBatch& batch, bool learns,
                  std::vector<at::Tensor> outputs = {}) const {
    Forward result;
    result.mean.resize(leaves.size());
    result.inverse.resize(leaves.size());
    const TensorShape& shape = network_.layers.front().shape;
    const auto images = static_cast<std::int64_t>(batch.size());
    if (outputs.empty()) {
      outputs.push_back(tensor_of(batch.values, {images, shape.height, shape.width, shape.channels})
                            .permute({0, 3, 1, 2})
                            .contiguous());
    }
    for (std::size_t position = outputs.size(); position < network_.layers.size(); ++position) {
      const NetworkLayer& layer = network_.layers[position];
      std::vector<at::Tensor> inputs;
      for (const std::size_t input : layer.inputs) {
        inputs.push_back(outputs[input]);
      }
      const std::size_t trained = trained_[position];
      if (has_weights(layer.kind) && leaves[trained].norm != nullptr) {
        const at::Tensor y =
            activated(normalised(products(layer, inputs.front(), leaves[trained]), leaves[trained], learns,
                                 result.mean[trained], result.inverse[trained]),
                      layer.activation);
        if (leaves[trained].gates != nullptr) {
          const at::Tensor open = open_saliencies(inputs.front(), leaves[trained]);
          add_penalty(open, leaves[trained].gates->lasso, result.penalty);
          outputs.push_back(y.mul(open.reshape({images, open.size(1), 1, 1})));
        } else {
          outputs.push_back(y);
        }
      } else {
        outputs.push_back(activated(output(position, inputs, leaves), layer.activation));
      }
      if (has_weights(layer.kind) && layer.activation != Activation::none) {
        add_penalty(outputs.back(), leaves[trained].activation_lasso, result.penalty);
      }
      if (has_weights(layer.kind) && leaves[trained].rounding) {
        outputs.back() = rounded(outputs.back(), *leaves[trained].rounding);
      }
    }
    result.logits = outputs.back().reshape({images, -1});
    result.outputs = std::move(outputs);
    return result;
  }

  /// Of the outputs of all layers.
  double naswot(const std::vector<at::Tensor>& outputs) const {
    at::Tensor kernel;
    for (std::size_t position = 1; position < outputs.size(); ++position) {
      const NetworkLayer& layer = network_.layers[position];
      if (layer.activation == Activation::none && layer.kind != LayerKind::relu &&
          layer.kind != LayerKind::relu6) {
        continue;
      }
      const at::Tensor on =
          outputs[position].detach().reshape({outputs[position].size(0), -1}).gt(0).to(at::kDouble);
      const at::Tensor off = on.neg().add(1.0);
      const at::Tensor same = at::mm(on, on.t()).add(at::mm(off, off.t()));
      kernel = kernel.defined() ? kernel.add(same) : same;
    }
    return kernel.defined() ? std::get<1>(at::slogdet(kernel)).item<double>() : 0.0;
  }

  /// Sum over the images, and how many are right.
  static Evaluation evaluation(const at::Tensor& logits, const ImageBatch& batch,
                               const at::Tensor& mean_loss) {
    Evaluation result;
    result.images = batch.size();
    result.loss_sum = mean_loss.item<double>() * static_cast<double>(batch.size());
    result.correct =
        static_cast<std::uint64_t>(logits.argmax(1).eq(labels_of(batch)).sum().item<std::int64_t>());
    return result;
  }

  /// Forward as in learning, and the gradients of the mean loss, kept for the outputs of `probes` too.
  Forward forward_and_back(const std::vector<Leaves>& leaves, const ImageBatch& batch,
                           const std::vector<std::size_t>& probes) const {
    Forward made = forward(leaves, batch, true);
    for (const std::size_t probe : probes) {
      made.outputs[probe].retain_grad();
    }
    mean_loss(made.logits, batch).backward();
    return made;
  }

  /// [images, pixels]: of a layer's outputs.
  static at::Tensor attention_of(const at::Tensor& output) {
    constexpr double no_length = 1e-12;  // of outputs that are all 0
    const at::Tensor maps = output.square().mean(1).flatten(1);
    return maps.div(maps.norm(2, 1, true).clamp_min(no_length));
  }

  /// What attention transfer adds to the loss.
  at::Tensor attention_loss(const AttentionLoss& transfer, const std::vector<at::Tensor>& outputs,
                            const ImageBatch& batch) const {
    const AttentionMaps wanted = transfer.teacher(batch);
    at::Tensor sum;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const at::Tensor maps = attention_of(outputs[transfer.layers[i]]);
      const at::Tensor difference = maps.sub(tensor_of(wanted[i], maps.sizes())).square().mean();
      sum = sum.defined() ? sum.add(difference) : difference;
    }
    return sum.mul(transfer.weight);
  }

  static at::Tensor mean_loss(const at::Tensor& logits, const ImageBatch& batch) {
    return at::nll_loss(at::log_softmax(logits, 1), labels_of(batch));
  }

 private:
  /// The numbers where they lie; libtorch only reads them.
  at::Tensor tensor_of(const std::vector<float>& values, at::IntArrayRef shape) const {
    return at::from_blob(const_cast<float*>(values.data()), shape, at::kFloat).to(type_);
  }
  static at::Tensor labels_of(const ImageBatch& batch) {
    return at::from_blob(const_cast<std::int64_t*>(batch.labels.data()),
                         {static_cast<std::int64_t>(batch.size())}, at::kLong);
  }

  at::Tensor output(std::size_t position, const std::vector<at::Tensor>& inputs,
                    const std::vector<Leaves>& leaves) const {
    const NetworkLayer& layer = network_.layers[position];
    const at::Tensor& x = inputs.front();
    const std::int64_t images = x.size(0);
    switch (layer.kind) {
      case LayerKind::convolution:
        return convolution(layer, x, leaves[trained_[position]]);
      case LayerKind::fully_connected:
        return fully_connected(layer, x, leaves[trained_[position]]);
      case LayerKind::max_pooling:
        return max_pooling(layer, x);
      case LayerKind::average_pooling:
        return average_pooling(layer, x);
      case LayerKind::global_average_pooling:
        return x.mean({2, 3}, true);
      case LayerKind::relu:
        return at::relu(x);
      case LayerKind::relu6:
        return at::clamp(x, 0.0, 6.0);
      case LayerKind::elementwise:
        return layer.element.function == ElementFunction::quantise ? rounded(x, layer.element)
               : layer.element.function == ElementFunction::tanh   ? x.tanh()
                                                                   : x.sigmoid();
      case LayerKind::add:
        return combined(inputs, [](const at::Tensor& a, const at::Tensor& b) { return a.add(b); });
      case LayerKind::multiply:
        return combined(inputs, [](const at::Tensor& a, const at::Tensor& b) { return a.mul(b); });
      case LayerKind::pad:
        return padded(x, layer.window, layer.pad_value);
      case LayerKind::concat:
        return at::cat(inputs, 1);
      case LayerKind::rearrange:
        return rearranged_elements(layer, x);
      case LayerKind::flatten:
        return (layer.order == FlattenOrder::hwc ? x.permute({0, 2, 3, 1}) : x).reshape({images, -1, 1, 1});
      default:
        return x;  // softmax: the loss is taken before it
    }
  }

  /// Networks count elements [height][width][channel].
  static at::Tensor rearranged_elements(const NetworkLayer& layer, const at::Tensor& x) {
    const std::int64_t images = x.size(0);
    std::vector<std::int64_t> from(layer.shape.elements());
    RearrangedPositions positions(layer.rearrangement);
    std::generate(from.begin(), from.end(), [&] { return positions.next(); });
    const at::Tensor index =
        at::from_blob(from.data(), {static_cast<std::int64_t>(from.size())}, at::kLong).clone();
    return at::index_select(x.permute({0, 2, 3, 1}).reshape({images, -1}), 1, index)
        .reshape({images, layer.shape.height, layer.shape.width, layer.shape.channels})
        .permute({0, 3, 1, 2})
        .contiguous();
  }

  template <class Operator>
  static at::Tensor combined(const std::vector<at::Tensor>& inputs, Operator combine) {
    at::Tensor total = inputs.front();
    for (std::size_t i = 1; i < inputs.size(); ++i) {
      total = combine(total, inputs[i]);
    }
    return total;
  }

  /// Without biases: these come behind the normalisation.
  static at::Tensor products(const NetworkLayer& layer, const at::Tensor& x, const Leaves& leaves) {
    Leaves without = leaves;
    without.bias = at::Tensor();
    return convolution(layer, x, without);
  }

  /// Batch normalisation without scale, and the biases. `mean` and `inverse` get the batch's where it learns.
  at::Tensor normalised(const at::Tensor& x, const Leaves& leaves, bool learns, at::Tensor& mean,
                        at::Tensor& inverse) const {
    const std::int64_t outputs = x.size(1);
    const at::Tensor bias = leaves.bias.reshape({1, outputs, 1, 1});
    if (learns) {
      at::Tensor y;
      std::tie(y, mean, inverse) = at::native_batch_norm(x, {}, {}, {}, {}, true, 0.0, norm_epsilon);
      return y.add(bias);
    }
    const auto known = [&](const std::vector<double>& values) {
      return at::from_blob(const_cast<double*>(values.data()), {1, outputs, 1, 1}, at::kDouble);
    };
    const at::Tensor factor = known(leaves.norm->variance).add(norm_epsilon).rsqrt();
    return x.mul(factor.to(type_)).add(bias.sub(known(leaves.norm->mean).mul(factor).to(type_)));
  }

  /// [images, outputs]: saliencies, 0 where a channel does not win. The choice has no gradient.
  at::Tensor open_saliencies(const at::Tensor& x, const Leaves& leaves) const {
    const at::Tensor saliencies =
        at::relu(at::linear(x.mean({2, 3}, false), leaves.gate_weights, leaves.gate_bias));
    std::vector<float> values;
    store(saliencies.detach(), values);
    const auto channels = static_cast<std::size_t>(saliencies.size(1));
    std::vector<float> open;
    open.reserve(values.size());
    for (std::size_t first = 0; first < values.size(); first += channels) {
      for (const std::uint8_t wins :
           choose_winners(values.data() + first, channels, leaves.gates->winners, leaves.gates->lanes)) {
        open.push_back(static_cast<float>(wins));
      }
    }
    return saliencies.mul(at::from_blob(open.data(), saliencies.sizes(), at::kFloat).to(type_).clone());
  }

  /// L1 of numbers that are not negative, mean over the images.
  static void add_penalty(const at::Tensor& values, double lasso, at::Tensor& penalty) {
    if (lasso > 0.0) {
      const at::Tensor sum = values.sum().mul(lasso / static_cast<double>(values.size(0)));
      penalty = penalty.defined() ? penalty.add(sum) : sum;
    }
  }

  static at::Tensor convolution(const NetworkLayer& layer, const at::Tensor& x, const Leaves& leaves) {
    const Window& w = layer.window;
    const std::int64_t channels = x.size(1) / layer.groups;
    const at::Tensor kernel = leaves.weights.reshape({layer.outputs(), w.height, w.width, channels})
                                  .permute({0, 3, 1, 2})
                                  .contiguous();
    const c10::optional<at::Tensor> bias = optional_bias(leaves);
    const Pair stride = {w.stride_height, w.stride_width};
    if (symmetric(w)) {
      return at::conv2d(x, kernel, bias, stride, Pair{w.top, w.left}, Pair{1, 1}, layer.groups);
    }
    return at::conv2d(padded(x, w, 0.0), kernel, bias, stride, Pair{0, 0}, Pair{1, 1}, layer.groups);
  }

  static at::Tensor fully_connected(const NetworkLayer& layer, const at::Tensor& x, const Leaves& leaves) {
    const at::Tensor matrix = leaves.weights.reshape({layer.outputs(), -1});
    const at::Tensor y = at::linear(x.reshape({x.size(0), -1}), matrix, optional_bias(leaves));
    return y.reshape({x.size(0), layer.outputs(), 1, 1});
  }

  static at::Tensor max_pooling(const NetworkLayer& layer, const at::Tensor& x) {
    const Window& w = layer.window;
    const bool pad = w.top + w.bottom + w.left + w.right > 0;
    const at::Tensor wide = pad ? padded(x, w, -std::numeric_limits<double>::infinity()) : x;
    return at::max_pool2d(wide, {w.height, w.width}, {w.stride_height, w.stride_width}, {0, 0}, {1, 1},
                          layer.ceil_mode);
  }

  static at::Tensor average_pooling(const NetworkLayer& layer, const at::Tensor& x) {
    const Window& w = layer.window;
    return at::avg_pool2d(x, {w.height, w.width}, {w.stride_height, w.stride_width}, {w.top, w.left}, false,
                          layer.count_padding);
  }

  static at::Tensor padded(const at::Tensor& x, const Window& w, double value) {
    return at::constant_pad_nd(x, {w.left, w.right, w.top, w.bottom}, value);
  }

  static c10::optional<at::Tensor> optional_bias(const Leaves& leaves) {
    return leaves.bias.defined() ? c10::optional<at::Tensor>(leaves.bias) : c10::nullopt;
  }

  const Network& network_;
  const at::ScalarType type_;
  std::vector<std::size_t> trained_;  ///< of each layer with weights: its place among them
};

TorchNetwork::TorchNetwork(const Network& network, std::uint32_t threads, TorchPrecision precision)
    : graph_(std::make_unique<Graph>(network, precision)) {
  set_torch_threads(threads);
}

TorchNetwork::~TorchNetwork() = default;

Evaluation TorchNetwork::evaluate(const std::vector<TrainedLayer>& layers, const ImageBatch& batch) {
  const at::NoGradGuard no_gradients;
  const at::Tensor logits = graph_->forward(graph_->leaves(layers, false), batch, false).logits;
  return Graph::evaluation(logits, batch, Graph::mean_loss(logits, batch));
}

/// Keeps the outputs of all layers.
class TorchNetwork::Repeated : public RepeatedEvaluation {
 public:
  Repeated(const Graph& graph, ImageBatch batch) : graph_(graph), batch_(std::move(batch)) {}

  Evaluation evaluate(const std::vector<TrainedLayer>& layers) override {
    const at::NoGradGuard no_gradients;
    std::vector<at::Tensor> outputs = std::move(outputs_);
    outputs_.clear();  // stays so where what follows throws
    outputs.resize(std::min(outputs.size(), first_changed(layers)));
    Graph::Forward forward = graph_.forward(graph_.leaves(layers, false), batch_, false, std::move(outputs));
    outputs_ = std::move(forward.outputs);
    return Graph::evaluation(forward.logits, batch_, Graph::mean_loss(forward.logits, batch_));
  }

 private:
  struct Numbers {
    std::vector<float> weights;
    std::vector<float> bias;
  };

  static bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() &&
           (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
  }

  /// Position of the first layer that differs from before, which from now on is these layers. Layers that do
  /// more than multiply count as changed.
  std::size_t first_changed(const std::vector<TrainedLayer>& layers) {
    before_.resize(layers.size());
    std::size_t first = layers.size();
    for (std::size_t l = layers.size(); l-- > 0;) {
      const TrainedLayer& layer = layers[l];
      const bool more = layer.norm || layer.gates || layer.activations;
      if (more) {
        before_[l] = {};
        first = l;
      } else if (!same_bits(layer.weights, before_[l].weights) || !same_bits(layer.bias, before_[l].bias)) {
        before_[l] = {layer.weights, layer.bias};
        first = l;
      }
    }
    return first == layers.size() ? std::numeric_limits<std::size_t>::max() : graph_.position_of(first);
  }

  const Graph& graph_;
  const ImageBatch batch_;
  std::vector<Numbers> before_;
  std::vector<at::Tensor> outputs_;
};

std::unique_ptr<RepeatedEvaluation> TorchNetwork::repeated(ImageBatch batch) {
  return std::make_unique<Repeated>(*graph_, std::move(batch));
}

Evaluation TorchNetwork::differentiate(const std::vector<TrainedLayer>& layers, const ImageBatch& batch,
                                       std::vector<LayerGradients>& gradients) {
  const std::vector<Graph::Leaves> leaves = graph_->leaves(layers, true);
  const Graph::Forward forward = graph_->forward(leaves, batch, true);
  const at::Tensor loss = Graph::mean_loss(forward.logits, batch);
  at::Tensor objective = forward.penalty.defined() ? loss.add(forward.penalty) : loss;
  if (attention_.teacher) {
    objective = objective.add(graph_->attention_loss(attention_, forward.outputs, batch));
  }
  objective.backward();
  gradients.resize(layers.size());
  for (std::size_t l = 0; l < layers.size(); ++l) {
    store(leaves[l].weights.grad(), gradients[l].weights);
    if (leaves[l].bias.defined()) {
      store(leaves[l].bias.grad(), gradients[l].bias);
    }
    if (leaves[l].gates != nullptr) {
      store(leaves[l].gate_weights.grad(), gradients[l].gates.weights);
      store(leaves[l].gate_bias.grad(), gradients[l].gates.bias);
    }
    if (forward.mean[l].defined()) {
      store(forward.mean[l].detach(), gradients[l].norm.mean);
      store(forward.inverse[l].detach().square().reciprocal().sub(norm_epsilon), gradients[l].norm.variance);
    }
  }
  return Graph::evaluation(forward.logits.detach(), batch, loss.detach());
}

namespace {

/// [channels]: of an output whose gradient was retained, with that of the mean loss.
at::Tensor fisher_of_channels(const at::Tensor& output) {
  const at::Tensor sums = output.mul(output.grad()).to(at::kDouble).sum({2, 3});
  return sums.square().sum(0).div(2.0 * static_cast<double>(output.size(0)));
}

}  // namespace

ChannelSaliencies TorchNetwork::channel_fisher(const std::vector<TrainedLayer>& layers,
                                               const ImageBatch& batch,
                                               const std::vector<std::size_t>& probes) {
  const std::vector<Graph::Leaves> leaves = graph_->leaves(layers, true);
  const Graph::Forward forward = graph_->forward_and_back(leaves, batch, probes);
  const at::NoGradGuard no_gradients;
  ChannelSaliencies saliencies;
  for (const std::size_t probe : probes) {
    const at::Tensor channels = fisher_of_channels(forward.outputs[probe]).contiguous();
    saliencies.emplace_back(channels.data_ptr<double>(), channels.data_ptr<double>() + channels.numel());
  }
  return saliencies;
}

NetworkScores TorchNetwork::scores(const std::vector<TrainedLayer>& layers, const ImageBatch& batch,
                                   const std::vector<std::size_t>& probes) {
  const std::vector<Graph::Leaves> leaves = graph_->leaves(layers, true);
  const Graph::Forward forward = graph_->forward_and_back(leaves, batch, probes);
  const at::NoGradGuard no_gradients;
  NetworkScores scores;
  for (const std::size_t probe : probes) {
    scores.fisher += fisher_of_channels(forward.outputs[probe]).sum().item<double>();
  }
  for (const Graph::Leaves& each : leaves) {
    scores.gradient_norm += each.weights.grad().to(at::kDouble).square().sum().item<double>();
  }
  scores.gradient_norm = std::sqrt(scores.gradient_norm);
  scores.naswot = graph_->naswot(forward.outputs);
  return scores;
}

AttentionMaps TorchNetwork::attention(const std::vector<TrainedLayer>& layers, const ImageBatch& batch,
                                      const std::vector<std::size_t>& places) {
  const at::NoGradGuard no_gradients;
  const Graph::Forward forward = graph_->forward(graph_->leaves(layers, false), batch, false);
  AttentionMaps maps;
  for (const std::size_t place : places) {
    store(Graph::attention_of(forward.outputs[place]), maps.emplace_back());
  }
  return maps;
}

std::vector<float> TorchNetwork::outputs(const std::vector<TrainedLayer>& layers, const ImageBatch& batch) {
  const at::NoGradGuard no_gradients;
  std::vector<float> values;
  store(graph_->forward(graph_->leaves(layers, false), batch, false).logits, values);
  return values;
}

namespace {

/// The instructions that libtorch uses here, such as AVX2, from its own report.
std::string cpu_capability() {
  const std::string report = at::show_config();
  const std::string key = "CPU capability usage: ";
  const std::size_t start = report.find(key);
  return start == std::string::npos
             ? "unknown"
             : report.substr(start + key.size(), report.find('\n', start) - start - key.size());
}

}  // namespace

void set_torch_threads(std::uint32_t threads) {
  at::set_num_threads(static_cast<int>(threads));  // of this thread
  set_up_process(threads);
}

std::string torch_description(std::uint32_t threads) {
  return fmt::format("libtorch {}, CPU capability {}, {}, {} thread{}", TORCH_VERSION, cpu_capability(),
                     blas_description(), threads, threads == 1 ? "" : "s");
}

}  // namespace lacuna
