#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/yaml/scalars.h"

namespace lacuna {

enum class LayerKind : std::uint8_t {
  input,
  convolution,
  fully_connected,
  max_pooling,
  average_pooling,
  global_average_pooling,
  relu,
  relu6,
  add,
  concat,
  flatten,
  softmax,
  lstm,
  batch_normalization
};

/// What a layer applies to its own outputs.
enum class Activation : std::uint8_t { none, relu, relu6 };

/// Order in which `flatten` strings the elements of a tensor.
enum class FlattenOrder : std::uint8_t {
  hwc,  ///< row, column, channel: channels run fastest (TensorFlow)
  chw   ///< channel, row, column: columns run fastest (Caffe, PyTorch, ONNX)
};

/// Order of the dimensions of a weight file; `automatic` is out_in for matrices and out_in_kh_kw for
/// convolutions.
enum class WeightLayout : std::uint8_t { automatic, out_in, in_out, out_in_kh_kw, kh_kw_in_out };

/// `generate:` of weights, for studies without a trained network.
struct GenerateWeights {
  double density = 1.0;
  std::uint64_t seed = 1;
  bool bias = true;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.real("density", c.density, 0.0, 1.0, "share of weights that are not zero");
    v.integer("seed", c.seed, 0, UINT64_MAX, "seed of positions and values");
    v.boolean("bias", c.bias, "whether the layer has biases");
  }
};

/// `weights:`, where a layer's numbers come from.
struct WeightSource {
  FilePath npy;
  WeightLayout layout = WeightLayout::automatic;
  FilePath recurrent;
  FilePath bias;
  FilePath han_net;
  std::string layer;
  FilePath trace;
  std::optional<GenerateWeights> generate;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.file("npy", c.npy, "NumPy file of the weights; zeros are the pruned ones");
    v.choice("layout", c.layout, {"automatic", "out_in", "in_out", "out_in_kh_kw", "kh_kw_in_out"},
             "order of the NumPy file's dimensions; automatic: out_in, or out_in_kh_kw for convolutions");
    v.file("recurrent", c.recurrent, "lstm: NumPy file [4 * outputs, outputs] of the weights of the state");
    v.file("bias", c.bias, "NumPy file of the biases, one for each output");
    v.file("han_net", c.han_net, "deep-compressed SqueezeNet (.net)");
    v.text("layer", c.layer, "name of the layer in the .net file; default: this layer's name");
    v.file("trace", c.trace, "trace file (HDF5) whose matrix and codebook are the weights");
    v.section("generate", c.generate, "random weights");
    v.one_of({"npy", "han_net", "trace", "generate"});
    v.only_with("layout", "npy");
    v.only_with("recurrent", "npy");
    v.only_with("bias", "npy");
    v.only_with("layer", "han_net");
  }
};

/// `batch_normalization:`, y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, one of each per channel.
struct BatchNormalizationSource {
  FilePath gamma;
  FilePath beta;
  FilePath mean;
  FilePath variance;
  double epsilon = 1e-5;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.file("gamma", c.gamma, "NumPy file of the factors; default: 1");
    v.file("beta", c.beta, "NumPy file of the summands; default: 0");
    v.file("mean", c.mean, "NumPy file of the means");
    v.file("variance", c.variance, "NumPy file of the variances");
    v.real("epsilon", c.epsilon, 0.0, 1.0, "added to the variance");
    v.required({"mean", "variance"});
  }
};

/// One element of `network.layers`, as written. What has no meaning for a kind may not be given.
struct LayerDescription {
  std::string name;
  LayerKind kind = LayerKind::input;
  std::vector<YamlNode> inputs;
  std::optional<std::uint32_t> height;
  std::optional<std::uint32_t> width;
  std::optional<std::uint32_t> channels;
  std::optional<std::uint32_t> outputs;
  std::optional<std::uint32_t> kernel;
  std::optional<std::uint32_t> kernel_height;
  std::optional<std::uint32_t> kernel_width;
  std::optional<std::uint32_t> stride;
  std::optional<std::uint32_t> padding;
  std::optional<std::uint32_t> padding_top;
  std::optional<std::uint32_t> padding_bottom;
  std::optional<std::uint32_t> padding_left;
  std::optional<std::uint32_t> padding_right;
  std::optional<std::uint32_t> groups;
  std::optional<bool> ceil_mode;
  std::optional<bool> count_padding;
  std::optional<FlattenOrder> order;
  std::optional<Activation> activation;
  std::optional<WeightSource> weights;
  std::optional<BatchNormalizationSource> batch_normalization;
  ErrorPlace place;  ///< of the element

  static constexpr std::uint32_t max_extent = 65536;
  static constexpr std::uint32_t max_kernel = 1024;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("name", c.name, "name, unique in the network");
    v.choice("kind", c.kind,
             {"input", "convolution", "fully_connected", "max_pooling", "average_pooling",
              "global_average_pooling", "relu", "relu6", "add", "concat", "flatten", "softmax", "lstm",
              "batch_normalization"},
             "what the layer does");
    v.plain_list("inputs", c.inputs,
                 "names of the layers it takes, each declared before; default: the one before");
    v.integer("height", c.height, 1, max_extent, "input: rows, or time steps of a sequence; default 1");
    v.integer("width", c.width, 1, max_extent, "input: columns; default 1");
    v.integer("channels", c.channels, 1, max_extent, "input: channels");
    v.integer("outputs", c.outputs, 1, max_extent,
              "convolution, fully_connected, lstm: outputs (channels, neurons, state)");
    v.integer("kernel", c.kernel, 1, max_kernel, "convolution, pooling: kernel height and width");
    v.integer("kernel_height", c.kernel_height, 1, max_kernel, "kernel height where it differs");
    v.integer("kernel_width", c.kernel_width, 1, max_kernel, "kernel width where it differs");
    v.integer("stride", c.stride, 1, max_kernel, "convolution, pooling: step of the kernel; default 1");
    v.integer("padding", c.padding, 0, max_kernel, "convolution, pooling: zeros around the input; default 0");
    v.integer("padding_top", c.padding_top, 0, max_kernel, "zeros above, where they differ");
    v.integer("padding_bottom", c.padding_bottom, 0, max_kernel, "zeros below, where they differ");
    v.integer("padding_left", c.padding_left, 0, max_kernel, "zeros to the left, where they differ");
    v.integer("padding_right", c.padding_right, 0, max_kernel, "zeros to the right, where they differ");
    v.integer("groups", c.groups, 1, max_extent,
              "convolution: groups of channels that are convolved apart; as many as channels: depthwise");
    v.boolean("ceil_mode", c.ceil_mode,
              "pooling: a last window that hangs over the edge counts (it begins inside input or padding)");
    v.boolean("count_padding", c.count_padding,
              "average_pooling: padding counts in the average; default false");
    v.choice("order", c.order, {"hwc", "chw"}, "flatten: order of the elements");
    v.choice("activation", c.activation, {"none", "relu", "relu6"},
             "convolution, fully_connected, add, batch_normalization: applied to the outputs; default none");
    v.section("weights", c.weights, "convolution, fully_connected, lstm: where the weights come from");
    v.section("batch_normalization", c.batch_normalization, "batch_normalization: its numbers");
    v.required({"name", "kind"});
  }
};

}  // namespace lacuna
