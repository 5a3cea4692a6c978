#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/common/error.h"
#include "sim/graph/graph.h"
#include "sim/graph/graph_file.h"
#include "sim/yaml/scalars.h"

namespace lacuna {

/// Shape of a tensor between layers. A vector has height and width 1; a sequence has its time steps as
/// height.
struct TensorShape {
  std::uint32_t height = 1;
  std::uint32_t width = 1;
  std::uint32_t channels = 1;

  std::size_t pixels() const { return std::size_t{height} * width; }
  std::size_t elements() const { return pixels() * channels; }
  /// "28x28x1", height first.
  std::string text() const;
};

inline bool operator==(const TensorShape& a, const TensorShape& b) {
  return a.height == b.height && a.width == b.width && a.channels == b.channels;
}
inline bool operator!=(const TensorShape& a, const TensorShape& b) {
  return !(a == b);
}

/// Values in the order height, width, channel (the last runs fastest).
template <class Value>
struct TensorOf {
  TensorShape shape;
  std::vector<Value> values;

  TensorOf() = default;
  explicit TensorOf(const TensorShape& of_shape) : shape(of_shape), values(of_shape.elements()) {}

  std::size_t index(std::size_t y, std::size_t x, std::size_t channel) const {
    return (y * shape.width + x) * shape.channels + channel;
  }
  Value& at(std::size_t y, std::size_t x, std::size_t channel) { return values[index(y, x, channel)]; }
  const Value& at(std::size_t y, std::size_t x, std::size_t channel) const {
    return values[index(y, x, channel)];
  }
};

using Tensor = TensorOf<float>;

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
  batch_normalization,
  elementwise,
  multiply,
  rearrange,
  pad,
  log_softmax,
  local_response_normalization,
  gru,
  aggregation
};

/// In the order of the enumeration, as network files have them.
inline constexpr std::initializer_list<const char*> layer_kind_names = {"input",
                                                                        "convolution",
                                                                        "fully_connected",
                                                                        "max_pooling",
                                                                        "average_pooling",
                                                                        "global_average_pooling",
                                                                        "relu",
                                                                        "relu6",
                                                                        "add",
                                                                        "concat",
                                                                        "flatten",
                                                                        "softmax",
                                                                        "lstm",
                                                                        "batch_normalization",
                                                                        "elementwise",
                                                                        "multiply",
                                                                        "rearrange",
                                                                        "pad",
                                                                        "log_softmax",
                                                                        "local_response_normalization",
                                                                        "gru",
                                                                        "aggregation"};

/// What an `elementwise` layer computes of each element x, by itself. Sources: the operators of the same
/// names in the ONNX standard.
enum class ElementFunction : std::uint8_t {
  sigmoid,       ///< 1 / (1 + e^-x)
  tanh,          ///< (e^x - e^-x) / (e^x + e^-x)
  leaky_relu,    ///< x, or alpha x where x is negative
  elu,           ///< x, or alpha (e^x - 1) where x is negative
  hard_sigmoid,  ///< alpha x + beta, between 0 and 1
  hard_swish,    ///< x times hard_sigmoid(x) with alpha 1/6 and beta 1/2
  clip,          ///< x, between `lower` and `upper`
  softplus,      ///< ln(1 + e^x)
  softsign,      ///< x / (1 + |x|)
  absolute,      ///< |x|
  exponential,   ///< e^x
  /// The nearest integer to x / step + zero_point, halves to the even one, between `lower` and `upper`; less
  /// zero_point, times step.
  quantise,
  quantise_down  ///< the same with the integer below
};

/// Likewise.
inline constexpr std::initializer_list<const char*> element_function_names = {
    "sigmoid",  "tanh",     "leaky_relu", "elu",         "hard_sigmoid", "hard_swish",   "clip",
    "softplus", "softsign", "absolute",   "exponential", "quantise",     "quantise_down"};

/// What a layer applies to its own outputs.
enum class Activation : std::uint8_t { none, relu, relu6 };

/// Order in which `flatten` strings the elements of a tensor.
enum class FlattenOrder : std::uint8_t {
  hwc,  ///< row, column, channel: channels run fastest (TensorFlow)
  chw   ///< channel, row, column: columns run fastest (Caffe, PyTorch, ONNX)
};

/// The numbers of an ElementFunction; which of them mean something depends on the function.
struct ElementParameters {
  ElementFunction function = ElementFunction::sigmoid;
  double alpha = 0.0;
  double beta = 0.0;
  std::optional<double> lower;
  std::optional<double> upper;
  double step = 1.0;
  double zero_point = 0.0;
};

/// Which elements of its input a `rearrange` layer takes, in order: those at offset + sum of i[k] *
/// strides[k] (in elements, order of TensorOf) for all i[k] below extents[k], the last running fastest.
struct Rearrangement {
  std::int64_t offset = 0;
  std::vector<std::uint32_t> extents;
  std::vector<std::int64_t> strides;
};

/// y = x / (bias + alpha / size * sum of x^2 over `size` neighbouring channels)^beta. Source: Krizhevsky et
/// al. 2012, with the ONNX standard's names.
struct ResponseNormalization {
  std::uint32_t size = 1;
  double alpha = 1e-4;
  double beta = 0.75;
  double bias = 1.0;
};

/// Order of the dimensions of a weight file; `automatic` is out_in for matrices and out_in_kh_kw for
/// convolutions.
enum class WeightLayout : std::uint8_t { automatic, out_in, in_out, out_in_kh_kw, kh_kw_in_out };

/// `generate:` of weights, for studies without a trained network.
struct GenerateWeights {
  double density = 1.0;
  std::optional<std::uint64_t> seed;
  bool bias = true;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.real("density", c.density, 0.0, 1.0, "share of weights that are not zero");
    v.integer("seed", c.seed, 0, UINT64_MAX, "seed of positions and values; default: the run's seed");
    v.boolean("bias", c.bias, "whether the layer has biases");
  }
};

/// `weights:`, where a layer's numbers come from.
struct WeightSource {
  FilePath npy;
  WeightLayout layout = WeightLayout::automatic;
  FilePath recurrent;
  FilePath bias;
  FilePath recurrent_bias;
  FilePath state;
  FilePath cell;
  FilePath han_net;
  std::string layer;
  FilePath trace;
  std::optional<GenerateWeights> generate;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.file("npy", c.npy, "NumPy file of the weights; zeros are the pruned ones");
    v.choice("layout", c.layout, {"automatic", "out_in", "in_out", "out_in_kh_kw", "kh_kw_in_out"},
             "order of the NumPy file's dimensions; automatic: out_in, or out_in_kh_kw for convolutions");
    v.file("recurrent", c.recurrent,
           "lstm, gru: NumPy file [gates * outputs, outputs] of the weights of the state; gates: 4 or 3");
    v.file("bias", c.bias, "NumPy file of the biases, one for each output (lstm, gru: of each gate)");
    v.file(
        "recurrent_bias", c.recurrent_bias,
        "gru with reset_after: NumPy file [outputs] of the biases of the candidate's product of the state");
    v.file("state", c.state, "lstm, gru: NumPy file [outputs] of the initial state; default: zeros");
    v.file("cell", c.cell, "lstm: NumPy file [outputs] of the initial content of the cell; default: zeros");
    v.file("han_net", c.han_net, "deep-compressed SqueezeNet (.net)");
    v.text("layer", c.layer, "name of the layer in the .net file; default: this layer's name");
    v.file("trace", c.trace, "trace file (HDF5) whose matrix and codebook are the weights");
    v.section("generate", c.generate, "random weights");
    v.one_of({"npy", "han_net", "trace", "generate"});
    v.only_with("layout", "npy");
    v.only_with("recurrent", "npy");
    v.only_with("bias", "npy");
    v.only_with("recurrent_bias", "npy");
    v.only_with("state", "npy");
    v.only_with("cell", "npy");
    v.only_with("layer", "han_net");
  }
};

/// `gates:` of a convolution, as feature boosting and suppression has them (Gao et al., ICLR 2019):
/// saliencies are relu(npy * (mean of each input channel over its map) + bias), one for each output channel;
/// the largest are kept, the others are 0, and each output channel is multiplied by its own, behind the
/// activation.
struct GateSource {
  FilePath npy;
  FilePath bias;
  FilePath mean;
  std::uint32_t winners = 1;
  std::uint32_t lanes = 1;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.file("npy", c.npy, "NumPy file [outputs, inputs] of the weights that predict a channel's saliency");
    v.file("bias", c.bias, "NumPy file of the biases, one for each output channel");
    v.file("mean", c.mean,
           "NumPy file of each output channel's mean before its bias, by which training goes on; default: 0");
    v.integer("winners", c.winners, 1, 65536, "output channels that are computed for an image");
    v.integer("lanes", c.lanes, 1, 65536,
              "channel c belongs to lane c mod lanes; lanes take turns to choose the winners, so that each "
              "keeps as many");
    v.required({"npy", "bias", "winners"});
  }
};

/// How an aggregation weighs a node's neighbours; aggregation.h says what each computes.
enum class AttentionKind : std::uint8_t { constant, gcn, gat, sym_gat, cos, linear, gene_linear };

/// In the order of the enumeration, as network files have them.
inline constexpr std::initializer_list<const char*> attention_kind_names = {
    "const", "gcn", "gat", "sym_gat", "cos", "linear", "gene_linear"};

/// What an aggregation makes of a node's neighbours.
enum class Reduction : std::uint8_t { sum, mean, max };

/// Likewise.
inline constexpr std::initializer_list<const char*> reduction_names = {"sum", "mean", "max"};

/// `aggregation:` of a layer over the network's graph.
struct AggregationSource {
  AttentionKind attention = AttentionKind::gcn;
  Reduction reduction = Reduction::sum;
  std::uint32_t heads = 1;
  FilePath npy;
  bool generate = false;
  FilePath bias;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.choice(
        "attention", c.attention, attention_kind_names,
        "coefficient of a neighbour: 1, 1 / sqrt of both degrees, or a softmax of what the features say");
    v.choice("reduction", c.reduction, reduction_names,
             "what is made of the neighbours' features times their coefficients");
    v.integer("heads", c.heads, 1, 1024,
              "parts of the channels, each with coefficients of its own; for attention by features");
    v.file("npy", c.npy,
           "NumPy file of attention weights for each channel: gat, sym_gat, cos [2, channels], of the node "
           "itself and of the neighbour; linear [1, channels]; gene_linear [3, channels]");
    v.boolean("generate", c.generate, "attention weights drawn by the run's seed, in place of npy");
    v.file("bias", c.bias, "NumPy file of the biases, one for each channel, added behind the reduction");
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
  std::optional<std::uint32_t> stride_height;
  std::optional<std::uint32_t> stride_width;
  std::optional<std::uint32_t> padding;
  std::optional<std::uint32_t> padding_top;
  std::optional<std::uint32_t> padding_bottom;
  std::optional<std::uint32_t> padding_left;
  std::optional<std::uint32_t> padding_right;
  std::optional<std::uint32_t> groups;
  std::optional<bool> ceil_mode;
  std::optional<bool> count_padding;
  std::optional<bool> reset_after;
  std::optional<FlattenOrder> order;
  std::optional<Activation> activation;
  std::optional<ElementFunction> function;
  std::optional<double> alpha;
  std::optional<double> beta;
  std::optional<double> lower;
  std::optional<double> upper;
  std::optional<double> step;
  std::optional<double> zero_point;
  std::optional<double> bias;
  std::optional<double> value;
  std::optional<std::uint32_t> size;
  std::optional<std::uint64_t> offset;
  std::vector<std::uint32_t> extents;
  std::vector<YamlNode> strides;
  std::optional<WeightSource> weights;
  std::optional<BatchNormalizationSource> batch_normalization;
  std::optional<GateSource> gates;
  std::optional<AggregationSource> aggregation;
  ErrorPlace place;  ///< of the element

  static constexpr std::uint32_t max_extent = 65536;
  static constexpr std::uint32_t max_kernel = 1024;
  static constexpr std::uint32_t max_elements = 1U << 28;
  static constexpr double max_real = 1e30;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("name", c.name, "name, unique in the network");
    v.choice("kind", c.kind, layer_kind_names, "what the layer does");
    v.plain_list("inputs", c.inputs,
                 "names of the layers it takes, each declared before; default: the one before");
    v.integer("height", c.height, 1, max_elements,
              "input, rearrange: rows, or time steps of a sequence; default 1");
    v.integer("width", c.width, 1, max_elements, "input, rearrange: columns; default 1");
    v.integer("channels", c.channels, 1, max_elements, "input, rearrange: channels");
    v.integer("outputs", c.outputs, 1, max_extent,
              "convolution, fully_connected, lstm, gru: outputs (channels, neurons, state)");
    v.integer("kernel", c.kernel, 1, max_kernel, "convolution, pooling: kernel height and width");
    v.integer("kernel_height", c.kernel_height, 1, max_kernel, "kernel height where it differs");
    v.integer("kernel_width", c.kernel_width, 1, max_kernel, "kernel width where it differs");
    v.integer("stride", c.stride, 1, max_kernel, "convolution, pooling: step of the kernel; default 1");
    v.integer("stride_height", c.stride_height, 1, max_kernel, "step downwards where it differs");
    v.integer("stride_width", c.stride_width, 1, max_kernel, "step to the right where it differs");
    v.integer("padding", c.padding, 0, max_kernel,
              "convolution, pooling, pad: elements around the input; default 0");
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
    v.boolean("reset_after", c.reset_after,
              "gru: the reset gate multiplies the product of the state, not the state; default false");
    v.choice("order", c.order, {"hwc", "chw"}, "flatten: order of the elements");
    v.choice("activation", c.activation, {"none", "relu", "relu6"},
             "convolution, fully_connected, add, batch_normalization: applied to the outputs; default none");
    v.choice("function", c.function, element_function_names, "elementwise: what is computed of each element");
    v.real("alpha", c.alpha, -max_real, max_real,
           "elementwise: of leaky_relu, elu, hard_sigmoid; local_response_normalization: default 0.0001");
    v.real("beta", c.beta, -max_real, max_real,
           "elementwise: of hard_sigmoid; local_response_normalization: default 0.75");
    v.real("bias", c.bias, 0.0, max_real, "local_response_normalization: default 1");
    v.integer("size", c.size, 1, max_extent, "local_response_normalization: channels in a sum");
    v.real("lower", c.lower, -max_real, max_real,
           "elementwise: smallest result of clip, integer of quantise");
    v.real("upper", c.upper, -max_real, max_real, "elementwise: largest result of clip, integer of quantise");
    v.real("step", c.step, 0.0, max_real, "elementwise: distance of the results of quantise; default 1");
    v.real("zero_point", c.zero_point, -max_real, max_real,
           "elementwise: integer of quantise that stands for 0; default 0");
    v.real("value", c.value, -max_real, max_real, "pad: the elements around the input; default 0");
    v.integer("offset", c.offset, 0, max_elements, "rearrange: the first element taken; default 0");
    v.integers("extents", c.extents, 1, max_elements,
               "rearrange: how many elements are taken along each direction, the last running fastest");
    v.plain_list("strides", c.strides,
                 "rearrange: distance in the input of elements along each direction, may be negative");
    v.section("weights", c.weights, "convolution, fully_connected, lstm, gru: where the weights come from");
    v.section("batch_normalization", c.batch_normalization, "batch_normalization: its numbers");
    v.section("gates", c.gates, "convolution in one group: which output channels are computed for an image");
    v.section("aggregation", c.aggregation, "aggregation: how a node takes its neighbours' features");
    v.required({"name", "kind"});
  }
};

/// The numbers of one layer, as real values in one order whatever the file's.
struct LayerWeights {
  /// Convolution: [outputs][kernel height][kernel width][inputs / groups]. Fully connected:
  /// [outputs][inputs]. Recurrent: [gates * outputs][inputs], gates in the order input, forget, cell, output
  /// (lstm) or update, reset, candidate (gru). Aggregation: [rows of attention weights][channels].
  std::vector<float> values;
  std::vector<float> recurrent;       ///< lstm, gru: [gates * outputs][outputs]; else empty
  std::vector<float> bias;            ///< one for each row of `values`, or empty
  std::vector<float> recurrent_bias;  ///< gru, reset_after: of the candidate's product of the state, or empty
  std::vector<float> state;           ///< lstm, gru: the initial one; empty: zeros
  std::vector<float> cell;            ///< lstm: its initial content; empty: zeros
  /// Where the source shares its weights: its distinct values, element 0 is 0; else empty.
  std::vector<float> codebook;
  std::vector<float> scale;        ///< batch normalisation: y = scale * x + offset, one for each channel
  std::vector<float> offset;       ///< batch normalisation
  std::vector<float> gate_values;  ///< gates: [outputs][inputs]; else empty
  std::vector<float> gate_bias;    ///< one for each output
  std::vector<float> gate_mean;    ///< likewise
};

using LayerWeightsPointer = std::shared_ptr<const LayerWeights>;

/// A window that slides over a tensor: convolutions and pooling.
struct Window {
  std::uint32_t height = 1;
  std::uint32_t width = 1;
  std::uint32_t stride_height = 1;
  std::uint32_t stride_width = 1;
  std::uint32_t top = 0;  ///< padding
  std::uint32_t bottom = 0;
  std::uint32_t left = 0;
  std::uint32_t right = 0;
};

/// One layer of a network, checked; which members mean something depends on the kind. It knows nothing of the
/// machine that runs it: machines keep what they need per layer under the layer's name.
struct NetworkLayer {
  std::string name;
  LayerKind kind = LayerKind::input;
  std::vector<std::size_t> inputs;  ///< positions of earlier layers in Network::layers
  TensorShape shape;                ///< of its output
  Window window;                    ///< convolution, pooling
  std::uint32_t groups = 1;         ///< convolution; as many as input channels: depthwise
  bool ceil_mode = false;           ///< pooling
  bool count_padding = false;       ///< average pooling
  bool reset_after = false;         ///< gru
  FlattenOrder order = FlattenOrder::hwc;
  Activation activation = Activation::none;
  ElementParameters element;            ///< elementwise
  Rearrangement rearrangement;          ///< rearrange
  double pad_value = 0.0;               ///< pad, whose window holds the elements around the input
  ResponseNormalization normalization;  ///< local_response_normalization
  WeightSource weight_source;
  BatchNormalizationSource batch_normalization;
  std::optional<GateSource> gates;     ///< convolution
  AggregationSource aggregation;       ///< aggregation
  std::shared_ptr<const Graph> graph;  ///< aggregation; empty until load_weights
  LayerWeightsPointer weights;         ///< empty until load_weights
  ErrorPlace place;                    ///< in the file, for messages

  std::uint32_t outputs() const { return shape.channels; }
};

/// A graph of layers in an order in which every layer comes after its inputs. The first layer is the only
/// input; the last is the network's output.
struct Network {
  std::string name;
  std::vector<NetworkLayer> layers;
  std::optional<GraphSource> graph;  ///< of aggregation layers; load_weights reads it

  const NetworkLayer& input_of(const NetworkLayer& layer, std::size_t i = 0) const {
    return layers[layer.inputs[i]];
  }
  /// Layers that take the output of layer `position`, ascending.
  std::vector<std::size_t> consumers(std::size_t position) const;
};

/// "convolution", "max_pooling", ... as in the file.
const char* kind_name(LayerKind kind);

/// "sigmoid", "tanh", ... as in the file.
const char* function_name(ElementFunction function);

/// "const", "gcn", ... and "sum", "mean", "max", as in the file.
const char* attention_name(AttentionKind attention);
const char* reduction_name(Reduction reduction);

/// True for softmax and its logarithm: both are the host's work wherever they stand.
bool is_softmax(LayerKind kind);

/// True for cells that run step after step: lstm, gru.
bool is_recurrent(LayerKind kind);

/// True for the kinds that have weights in `weights:`: convolution, fully_connected, lstm, gru.
bool has_weights(LayerKind kind);

/// Rows of weights for each output: the gates of a recurrent cell (lstm 4, gru 3); 1 for others.
std::uint32_t gates_of(LayerKind kind);

/// Weights that the layer has (`LayerWeights::values`), from its shape and that of its input.
std::size_t weight_count(const NetworkLayer& layer, const TensorShape& input);

/// Works out the shape of a layer's output from those of its inputs, and checks that they suit it. Throws
/// ConfigurationError at the layer's place. `outputs` (channels, neurons) is read from layer.shape.channels
/// where the kind has any.
TensorShape output_shape(const NetworkLayer& layer, const std::vector<TensorShape>& inputs);

/// Checks names, order and shapes of a network made by a program and fills in the shapes; layers of kinds
/// with `outputs` must have shape.channels set. Throws ConfigurationError.
void infer_shapes(Network& network);

/// Throws a ConfigurationError about a layer, at its place.
[[noreturn]] void refuse_layer(const NetworkLayer& layer, const std::string& wrong,
                               const std::string& allowed);

}  // namespace lacuna
