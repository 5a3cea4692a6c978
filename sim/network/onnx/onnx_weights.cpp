// Operators whose layers have weights: Gemm, MatMul and the Add of its biases, Conv, BatchNormalization,
// LSTM.

#include <cmath>
#include <utility>

#include "sim/network/onnx/onnx_operators.h"

namespace lacuna::onnx_operators {
namespace {

/// The matrix [outputs, inputs] of a Gemm or MatMul.
std::vector<float> rows_of(const OnnxNode& node, const OnnxTensor& matrix, bool outputs_first, float factor) {
  if (matrix.shape.size() != 2 || matrix.reals.size() != matrix.elements() || matrix.reals.empty()) {
    node.fail("the weights are no matrix of real numbers", "two dimensions");
  }
  const std::uint64_t outputs = matrix.shape[outputs_first ? 0 : 1];
  const std::uint64_t inputs = matrix.shape[outputs_first ? 1 : 0];
  std::vector<float> rows(matrix.reals.size());
  for (std::uint64_t o = 0; o < outputs; ++o) {
    for (std::uint64_t i = 0; i < inputs; ++i) {
      rows[o * inputs + i] = factor * matrix.reals[outputs_first ? o * inputs + i : i * outputs + o];
    }
  }
  return rows;
}

void fully_connected(OnnxGraph& graph, const OnnxNode& node, std::vector<float> rows, std::vector<float> bias,
                     std::uint64_t outputs) {
  NetworkLayer layer = graph.make(node, LayerKind::fully_connected);
  const TensorShape& input = graph.input_shape(layer);
  if (outputs < 1 || outputs > LayerDescription::max_extent || rows.size() != outputs * input.elements()) {
    node.fail(std::to_string(rows.size()) + " weights for " + std::to_string(input.elements()) +
                  " inputs and " + std::to_string(outputs) + " outputs",
              "as many as both ask for");
  }
  layer.shape.channels = static_cast<std::uint32_t>(outputs);
  auto weights = std::make_shared<LayerWeights>();
  weights->values = std::move(rows);
  weights->bias = std::move(bias);
  layer.weights = std::move(weights);
  graph.place(node.output(), std::move(layer));
}

/// One bias for each output, from a constant of one element or as many.
std::vector<float> bias_of(const OnnxNode& node, const OnnxTensor& tensor, std::uint64_t outputs,
                           float factor) {
  if (tensor.reals.size() != tensor.elements() || (tensor.elements() != outputs && tensor.elements() != 1)) {
    node.fail(std::to_string(tensor.elements()) + " biases for " + std::to_string(outputs) + " outputs",
              "one, or one for each output");
  }
  std::vector<float> bias(outputs);
  for (std::uint64_t o = 0; o < outputs; ++o) {
    bias[o] = factor * tensor.reals[tensor.elements() == 1 ? 0 : o];
  }
  return bias;
}

/// [outputs, inputs, height, width] as [outputs, height, width, inputs].
std::vector<float> channels_last(const OnnxTensor& kernels) {
  const std::uint64_t channels = kernels.shape[1];
  const std::uint64_t places = kernels.shape[2] * kernels.shape[3];
  std::vector<float> moved(kernels.reals.size());
  for (std::uint64_t i = 0; i < moved.size(); ++i) {
    const std::uint64_t place = i % places;
    const std::uint64_t channel = i / places % channels;
    moved[(i / places / channels * places + place) * channels + channel] = kernels.reals[i];
  }
  return moved;
}

}  // namespace

void gemm(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"alpha", "beta", "transA", "transB"});
  node.only("transA", 0, 0);
  const bool outputs_first = node.integer("transB", 0) != 0;
  const OnnxTensor& matrix = graph.needed_constant(node, 1);
  std::vector<float> rows = rows_of(node, matrix, outputs_first, node.real("alpha", 1.0F));
  const std::uint64_t outputs = matrix.shape[outputs_first ? 0 : 1];
  std::vector<float> bias;
  if (!node.input(2).empty()) {
    bias = bias_of(node, graph.needed_constant(node, 2), outputs, node.real("beta", 1.0F));
  }
  fully_connected(graph, node, std::move(rows), std::move(bias), outputs);
}

void matmul(OnnxGraph& graph, const OnnxNode& node) {
  node.known({});
  const OnnxTensor& matrix = graph.needed_constant(node, 1);
  std::vector<float> rows = rows_of(node, matrix, false, 1.0F);
  fully_connected(graph, node, std::move(rows), {}, matrix.shape[1]);
}

void conv(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"});
  NetworkLayer layer = graph.make(node, LayerKind::convolution);
  const OnnxTensor& kernels = graph.needed_constant(node, 1);
  const std::int64_t groups = node.integer("group", 1);
  const TensorShape& input = graph.input_shape(layer);
  if (kernels.shape.size() != 4 || kernels.reals.size() != kernels.elements() || kernels.reals.empty() ||
      kernels.shape[0] > LayerDescription::max_extent || groups < 1 ||
      groups > LayerDescription::max_extent ||
      kernels.shape[1] * static_cast<std::uint64_t>(groups) != input.channels) {
    node.fail("the weights do not fit the input and the groups",
              "[outputs, inputs / groups, kernel height, kernel width]");
  }
  const std::vector<std::int64_t> kernel = {static_cast<std::int64_t>(kernels.shape[2]),
                                            static_cast<std::int64_t>(kernels.shape[3])};
  const std::vector<std::int64_t> said = node.integers("kernel_shape");
  if (!said.empty() && said != kernel) {
    node.fail("kernel_shape is not that of the weights", "the weights' own");
  }
  layer.window = onnx_window(node, input, kernel);
  layer.groups = static_cast<std::uint32_t>(groups);
  layer.shape.channels = static_cast<std::uint32_t>(kernels.shape[0]);
  auto weights = std::make_shared<LayerWeights>();
  weights->values = channels_last(kernels);
  if (!node.input(2).empty()) {
    weights->bias = bias_of(node, graph.needed_constant(node, 2), kernels.shape[0], 1.0F);
  }
  layer.weights = std::move(weights);
  graph.place(node.output(), std::move(layer));
}

/// A constant becomes the bias of the MatMul before it, whose layer then makes the sum.
void add_bias(OnnxGraph& graph, const OnnxNode& node, const std::string& tensor, const OnnxTensor& summand) {
  NetworkLayer* const before = graph.last_layer_used_once(tensor);
  if (before == nullptr || before->kind != LayerKind::fully_connected) {
    node.fail("a constant is added to something else than the MatMul before it",
              "two tensors, or MatMul and then Add of its biases");
  }
  auto weights = std::make_shared<LayerWeights>(*before->weights);
  const std::vector<float> bias = bias_of(node, summand, before->outputs(), 1.0F);
  weights->bias.resize(bias.size(), 0.0F);
  for (std::size_t i = 0; i < bias.size(); ++i) {
    weights->bias[i] += bias[i];
  }
  before->weights = std::move(weights);
  graph.alias(node.output(), graph.last_position());
}

void batch_normalization(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"epsilon", "momentum", "spatial", "training_mode"});
  node.only("training_mode", 0, 0);
  node.only("spatial", 1, 1);
  NetworkLayer layer = graph.make(node, LayerKind::batch_normalization);
  const std::uint64_t channels = graph.input_shape(layer).channels;
  auto weights = std::make_shared<LayerWeights>();
  for (int i = 1; i <= 4; ++i) {
    const OnnxTensor& numbers = graph.needed_constant(node, i);
    if (numbers.reals.size() != channels || numbers.elements() != channels) {
      node.fail("input " + std::to_string(i) + " has " + std::to_string(numbers.elements()) + " elements",
                std::to_string(channels) + ", one for each channel");
    }
  }
  const auto number = [&](int input, std::uint64_t channel) {
    return static_cast<double>(graph.needed_constant(node, input).reals[channel]);
  };
  for (std::uint64_t c = 0; c < channels; ++c) {
    const double spread = number(4, c) + static_cast<double>(node.real("epsilon", 1e-5F));
    if (!(spread > 0.0)) {
      node.fail("the variance of channel " + std::to_string(c) + " is not positive", "positive variances");
    }
    const double scale = number(1, c) / std::sqrt(spread);
    weights->scale.push_back(static_cast<float>(scale));
    weights->offset.push_back(static_cast<float>(number(2, c) - number(3, c) * scale));
  }
  layer.weights = std::move(weights);
  graph.place(node.output(), std::move(layer));
}

void lstm(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"direction", "hidden_size", "input_forget", "layout"});
  node.only("input_forget", 0, 0);
  node.only("layout", 0, 0);
  if (node.text("direction", "forward") != "forward") {
    node.fail("another direction than forward", "direction forward");
  }
  for (int input = 4; input < node.inputs(); ++input) {
    if (!node.input(input).empty()) {
      node.fail("input " + std::to_string(input) + " (lengths, initial state or peepholes) is given",
                "W, R and B alone: a state that starts at zero");
    }
  }
  if (graph.is_needed(node.output(1)) || graph.is_needed(node.output(2))) {
    node.fail("its last state is used", "its first output, the state at every step");
  }
  NetworkLayer layer = graph.make(node, LayerKind::lstm);
  const std::int64_t hidden = node.integer("hidden_size", 0);
  if (hidden < 1 || hidden > LayerDescription::max_extent) {
    node.fail("hidden_size is " + std::to_string(hidden), "1 to 65536");
  }
  layer.shape.channels = static_cast<std::uint32_t>(hidden);
  const OnnxTensor& w = graph.needed_constant(node, 1);
  const OnnxTensor* b = node.input(3).empty() ? nullptr : &graph.needed_constant(node, 3);
  if (w.shape.size() != 3 || w.shape[2] != graph.input_shape(layer).channels) {
    node.fail("W does not fit the input", "[1, 4 hidden, inputs]");
  }
  layer.weights = std::make_shared<const LayerWeights>(
      onnx_lstm_weights(node, w, graph.needed_constant(node, 2), b, layer.shape.channels));
  graph.place(node.output(), std::move(layer));
}

}  // namespace lacuna::onnx_operators
