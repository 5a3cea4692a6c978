#include "sim/training/torch/torch_graph.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

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
#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/network/gates.h"
#include "sim/network/window_pixels.h"

namespace lacuna {
namespace {

using Leaves = TorchGraph::Leaves;

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

at::Tensor labels_of(const ImageBatch& batch) {
  return at::from_blob(const_cast<std::int64_t*>(batch.labels.data()),
                       {static_cast<std::int64_t>(batch.size())}, at::kLong);
}

at::Tensor padded(const at::Tensor& x, const Window& w, double value) {
  return at::constant_pad_nd(x, {w.left, w.right, w.top, w.bottom}, value);
}

c10::optional<at::Tensor> optional_bias(const Leaves& leaves) {
  return leaves.bias.defined() ? c10::optional<at::Tensor>(leaves.bias) : c10::nullopt;
}

at::Tensor convolution(const NetworkLayer& layer, const at::Tensor& x, const Leaves& leaves) {
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

at::Tensor fully_connected(const NetworkLayer& layer, const at::Tensor& x, const Leaves& leaves) {
  const at::Tensor matrix = leaves.weights.reshape({layer.outputs(), -1});
  const at::Tensor y = at::linear(x.reshape({x.size(0), -1}), matrix, optional_bias(leaves));
  return y.reshape({x.size(0), layer.outputs(), 1, 1});
}

at::Tensor max_pooling(const NetworkLayer& layer, const at::Tensor& x) {
  const Window& w = layer.window;
  const bool pad = w.top + w.bottom + w.left + w.right > 0;
  const at::Tensor wide = pad ? padded(x, w, -std::numeric_limits<double>::infinity()) : x;
  return at::max_pool2d(wide, {w.height, w.width}, {w.stride_height, w.stride_width}, {0, 0}, {1, 1},
                        layer.ceil_mode);
}

at::Tensor average_pooling(const NetworkLayer& layer, const at::Tensor& x) {
  const Window& w = layer.window;
  return at::avg_pool2d(x, {w.height, w.width}, {w.stride_height, w.stride_width}, {w.top, w.left}, false,
                        layer.count_padding);
}

/// Networks count elements [height][width][channel].
at::Tensor rearranged_elements(const NetworkLayer& layer, const at::Tensor& x) {
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
at::Tensor combined(const std::vector<at::Tensor>& inputs, Operator combine) {
  at::Tensor total = inputs.front();
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    total = combine(total, inputs[i]);
  }
  return total;
}

/// Without biases: these come behind the normalisation.
at::Tensor products(const NetworkLayer& layer, const at::Tensor& x, const Leaves& leaves) {
  Leaves without = leaves;
  without.bias = at::Tensor();
  return convolution(layer, x, without);
}

/// L1 of numbers that are not negative, mean over the images.
void add_penalty(const at::Tensor& values, double lasso, at::Tensor& penalty) {
  if (lasso > 0.0) {
    const at::Tensor sum = values.sum().mul(lasso / static_cast<double>(values.size(0)));
    penalty = penalty.defined() ? penalty.add(sum) : sum;
  }
}

}  // namespace

TorchGraph::TorchGraph(const Network& network, at::ScalarType type) : network_(network), type_(type) {
  std::size_t trained = 0;
  for (const NetworkLayer& layer : network.layers) {
    check_kind(layer, &layer == &network.layers.back());
    trained_.push_back(has_weights(layer.kind) ? trained++ : 0);
  }
}

std::vector<TorchGraph::Leaves> TorchGraph::leaves(const std::vector<TrainedLayer>& layers,
                                                   bool gradients) const {
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

std::size_t TorchGraph::position_of(std::size_t trained) const {
  std::size_t position = 0;
  while (!has_weights(network_.layers[position].kind) || trained_[position] != trained) {
    ++position;
  }
  return position;
}

TorchGraph::Forward TorchGraph::forward(const std::vector<Leaves>& leaves, const ImageBatch& batch,
                                        bool learns, std::vector<at::Tensor> outputs) const {
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

TorchGraph::Forward TorchGraph::forward_and_back(const std::vector<Leaves>& leaves, const ImageBatch& batch,
                                                 const std::vector<std::size_t>& probes) const {
  Forward made = forward(leaves, batch, true);
  for (const std::size_t probe : probes) {
    made.outputs[probe].retain_grad();
  }
  mean_loss(made.logits, batch).backward();
  return made;
}

double TorchGraph::naswot(const std::vector<at::Tensor>& outputs) const {
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

at::Tensor TorchGraph::attention_loss(const AttentionLoss& transfer, const std::vector<at::Tensor>& outputs,
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

/// The numbers where they lie; libtorch only reads them.
at::Tensor TorchGraph::tensor_of(const std::vector<float>& values, at::IntArrayRef shape) const {
  return at::from_blob(const_cast<float*>(values.data()), shape, at::kFloat).to(type_);
}

at::Tensor TorchGraph::output(std::size_t position, const std::vector<at::Tensor>& inputs,
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

/// Batch normalisation without scale, and the biases. `mean` and `inverse` get the batch's where it learns.
at::Tensor TorchGraph::normalised(const at::Tensor& x, const Leaves& leaves, bool learns, at::Tensor& mean,
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
at::Tensor TorchGraph::open_saliencies(const at::Tensor& x, const Leaves& leaves) const {
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

at::Tensor mean_loss(const at::Tensor& logits, const ImageBatch& batch) {
  return at::nll_loss(at::log_softmax(logits, 1), labels_of(batch));
}

Evaluation evaluation(const at::Tensor& logits, const ImageBatch& batch, const at::Tensor& loss) {
  Evaluation result;
  result.images = batch.size();
  result.loss_sum = loss.item<double>() * static_cast<double>(batch.size());
  result.correct =
      static_cast<std::uint64_t>(logits.argmax(1).eq(labels_of(batch)).sum().item<std::int64_t>());
  return result;
}

at::Tensor attention_of(const at::Tensor& output) {
  constexpr double no_length = 1e-12;  // of outputs that are all 0
  const at::Tensor maps = output.square().mean(1).flatten(1);
  return maps.div(maps.norm(2, 1, true).clamp_min(no_length));
}

void store(const at::Tensor& tensor, std::vector<float>& values) {
  const at::Tensor plain = tensor.to(at::kFloat).contiguous();
  const float* const first = plain.data_ptr<float>();
  values.assign(first, first + plain.numel());
}

}  // namespace lacuna
