#include "sim/onnx/onnx_network.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "models/common/error.h"
#include "sim/import/input_bytes.h"
#include "sim/network/simplify.h"
#include "sim/onnx/onnx_node.h"

namespace lacuna {
namespace {

/// Of all layers together: several may take the same constant, and each has weights of its own.
constexpr std::uint64_t most_weights = std::uint64_t{1} << 30;

/// Turns the nodes of a graph into layers, one after the other.
class GraphReader {
 public:
  GraphReader(const onnx::GraphProto& graph, const std::string& path) : graph_(graph), path_(path) {
    for (const onnx::TensorProto& tensor : graph.initializer()) {
      constants_[tensor.name()] = std::make_shared<const OnnxTensor>(onnx_tensor(tensor, path));
    }
  }

  Network read() {
    if (graph_.sparse_initializer_size() > 0) {
      fail("sparse initializers", "dense ones");
    }
    if (graph_.output_size() != 1) {
      fail(std::to_string(graph_.output_size()) + " outputs", "one");
    }
    find_needed();
    add_input();
    for (const onnx::NodeProto& node : graph_.node()) {
      if (std::any_of(node.output().begin(), node.output().end(),
                      [this](const std::string& name) { return needed_.count(name) > 0; })) {
        add_node(OnnxNode(node, path_));
      }
    }
    const auto last = places_.find(graph_.output(0).name());
    if (last == places_.end() || last->second + 1 != network_.layers.size()) {
      fail("the output " + graph_.output(0).name().substr(0, 64) + " is not what the last node makes",
           "a graph that ends in its output");
    }
    network_.name = graph_.name().substr(0, 200);
    infer_shapes(network_);
    return simplified(network_);
  }

 private:
  [[noreturn]] void fail(const std::string& wrong, const std::string& allowed) const {
    throw InputDataError({path_, 0, "graph"}, wrong, allowed);
  }

  /// Names of all that the output depends on. Nodes are in the order of their use (ONNX demands it).
  void find_needed() {
    needed_.insert(graph_.output(0).name());
    ++uses_[graph_.output(0).name()];
    for (int i = graph_.node_size(); i-- > 0;) {
      const onnx::NodeProto& node = graph_.node(i);
      for (const std::string& input : node.input()) {
        ++uses_[input];
      }
      if (std::any_of(node.output().begin(), node.output().end(),
                      [this](const std::string& name) { return needed_.count(name) > 0; })) {
        needed_.insert(node.input().begin(), node.input().end());
      }
    }
  }

  static bool has_extent(const onnx::TensorShapeProto::Dimension& dimension) {
    return dimension.value_case() == onnx::TensorShapeProto::Dimension::kDimValue &&
           dimension.dim_value() >= 1 && dimension.dim_value() <= LayerDescription::max_extent;
  }

  void add_input() {
    const onnx::ValueInfoProto* found = nullptr;
    for (const onnx::ValueInfoProto& input : graph_.input()) {
      if (constants_.count(input.name()) == 0) {
        if (found != nullptr) {
          fail("two inputs, " + found->name().substr(0, 64) + " and " + input.name().substr(0, 64), "one");
        }
        found = &input;
      }
    }
    if (found == nullptr) {
      fail("no input", "one");
    }
    const onnx::TensorShapeProto& shape = found->type().tensor_type().shape();
    const int rank = shape.dim_size();
    NetworkLayer layer;
    layer.name = found->name().empty() ? "input" : found->name().substr(0, 200);
    const bool sequence = rank == 3;
    for (int d = sequence ? 0 : 1; d < rank; d += sequence ? 2 : 1) {
      if (!has_extent(shape.dim(d))) {
        fail("dimension " + std::to_string(d) + " of the input " + layer.name + " is not known",
             "a model with a fixed input shape (the batch may be open)");
      }
    }
    const auto extent = [&shape](int d) { return static_cast<std::uint32_t>(shape.dim(d).dim_value()); };
    if (rank == 4) {
      layer.shape = {extent(2), extent(3), extent(1)};
    } else if (rank == 2) {
      layer.shape = {1, 1, extent(1)};
    } else if (sequence) {
      layer.shape = {extent(0), 1, extent(2)};
    } else {
      fail("an input of " + std::to_string(rank) + " dimensions",
           "[batch, channels, height, width], [batch, channels] or [steps, batch, channels]");
    }
    place(found->name(), std::move(layer));
  }

  /// Adds a layer that makes the tensor `output`.
  void place(const std::string& output, NetworkLayer layer) {
    weights_ += layer.weights == nullptr ? 0 : layer.weights->values.size() + layer.weights->recurrent.size();
    if (weights_ > most_weights) {
      fail("too many weights", "at most " + std::to_string(most_weights) + " in all layers");
    }
    const std::string base = layer.name;
    while (!names_.insert(layer.name).second) {
      layer.name = base + "_" + std::to_string(++name_numbers_[base]);
    }
    if (layer.kind != LayerKind::input) {
      std::vector<TensorShape> inputs;
      for (const std::size_t input : layer.inputs) {
        inputs.push_back(network_.layers[input].shape);
      }
      layer.place = {path_, 0, ""};
      layer.shape = output_shape(layer, inputs);
    }
    places_[output] = network_.layers.size();
    network_.layers.push_back(std::move(layer));
  }

  std::size_t position(const OnnxNode& node, int input) const {
    const auto found = places_.find(node.input(input));
    if (found == places_.end()) {
      node.fail("input " + std::to_string(input) + ", " + node.input(input).substr(0, 64) +
                    ", is a constant or not there",
                "the output of an earlier node");
    }
    return found->second;
  }

  const OnnxTensor* constant(const std::string& name) const {
    const auto found = constants_.find(name);
    return found == constants_.end() ? nullptr : found->second.get();
  }

  const OnnxTensor& needed_constant(const OnnxNode& node, int input) const {
    const OnnxTensor* found = constant(node.input(input));
    if (found == nullptr) {
      node.fail("input " + std::to_string(input) + " is not a constant", "constant weights");
    }
    return *found;
  }

  NetworkLayer make(const OnnxNode& node, LayerKind kind) const {
    NetworkLayer layer;
    layer.name = node.name();
    layer.kind = kind;
    layer.inputs = {position(node, 0)};
    return layer;
  }

  const TensorShape& input_shape(const NetworkLayer& layer) const {
    return network_.layers[layer.inputs.front()].shape;
  }

  void add_node(const OnnxNode& node) {
    using Handler = void (GraphReader::*)(const OnnxNode&);
    static const std::map<std::string, Handler> handlers = {
        {"Gemm", &GraphReader::gemm},
        {"MatMul", &GraphReader::matmul},
        {"Conv", &GraphReader::conv},
        {"Relu", &GraphReader::relu},
        {"Clip", &GraphReader::clip},
        {"MaxPool", &GraphReader::max_pool},
        {"AveragePool", &GraphReader::average_pool},
        {"GlobalAveragePool", &GraphReader::global_average_pool},
        {"Add", &GraphReader::add},
        {"Sum", &GraphReader::add},
        {"Concat", &GraphReader::concat},
        {"BatchNormalization", &GraphReader::batch_normalization},
        {"Flatten", &GraphReader::flatten},
        {"Reshape", &GraphReader::reshape},
        {"Softmax", &GraphReader::softmax},
        {"LSTM", &GraphReader::lstm},
        {"Constant", &GraphReader::constant_node},
        {"Identity", &GraphReader::pass},
        {"Dropout", &GraphReader::dropout},
        {"Squeeze", &GraphReader::squeeze}};
    const auto found = handlers.find(node.type());
    if (found == handlers.end()) {
      std::string all;
      for (const auto& [name, handler] : handlers) {
        all += (all.empty() ? "" : ", ") + name;
      }
      node.fail("the operator is not supported", all);
    }
    (this->*found->second)(node);
  }

  /// The matrix [outputs, inputs] of a Gemm or MatMul.
  static std::vector<float> rows_of(const OnnxNode& node, const OnnxTensor& matrix, bool outputs_first,
                                    float factor) {
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

  void fully_connected(const OnnxNode& node, std::vector<float> rows, std::vector<float> bias,
                       std::uint64_t outputs) {
    NetworkLayer layer = make(node, LayerKind::fully_connected);
    const TensorShape& input = input_shape(layer);
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
    place(node.output(), std::move(layer));
  }

  /// One bias for each output, from a constant of one element or as many.
  static std::vector<float> bias_of(const OnnxNode& node, const OnnxTensor& tensor, std::uint64_t outputs,
                                    float factor) {
    if (tensor.reals.size() != tensor.elements() ||
        (tensor.elements() != outputs && tensor.elements() != 1)) {
      node.fail(std::to_string(tensor.elements()) + " biases for " + std::to_string(outputs) + " outputs",
                "one, or one for each output");
    }
    std::vector<float> bias(outputs);
    for (std::uint64_t o = 0; o < outputs; ++o) {
      bias[o] = factor * tensor.reals[tensor.elements() == 1 ? 0 : o];
    }
    return bias;
  }

  void gemm(const OnnxNode& node) {
    node.known({"alpha", "beta", "transA", "transB"});
    node.only("transA", 0, 0);
    const bool outputs_first = node.integer("transB", 0) != 0;
    const OnnxTensor& matrix = needed_constant(node, 1);
    std::vector<float> rows = rows_of(node, matrix, outputs_first, node.real("alpha", 1.0F));
    const std::uint64_t outputs = matrix.shape[outputs_first ? 0 : 1];
    std::vector<float> bias;
    if (!node.input(2).empty()) {
      bias = bias_of(node, needed_constant(node, 2), outputs, node.real("beta", 1.0F));
    }
    fully_connected(node, std::move(rows), std::move(bias), outputs);
  }

  void matmul(const OnnxNode& node) {
    node.known({});
    const OnnxTensor& matrix = needed_constant(node, 1);
    std::vector<float> rows = rows_of(node, matrix, false, 1.0F);
    fully_connected(node, std::move(rows), {}, matrix.shape[1]);
  }

  void conv(const OnnxNode& node) {
    node.known({"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"});
    NetworkLayer layer = make(node, LayerKind::convolution);
    const OnnxTensor& kernels = needed_constant(node, 1);
    const std::int64_t groups = node.integer("group", 1);
    const TensorShape& input = input_shape(layer);
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
      weights->bias = bias_of(node, needed_constant(node, 2), kernels.shape[0], 1.0F);
    }
    layer.weights = std::move(weights);
    place(node.output(), std::move(layer));
  }

  /// [outputs, inputs, height, width] as [outputs, height, width, inputs].
  static std::vector<float> channels_last(const OnnxTensor& kernels) {
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

  void relu(const OnnxNode& node) {
    node.known({});
    place(node.output(), make(node, LayerKind::relu));
  }

  void clip(const OnnxNode& node) {
    node.known({"min", "max"});
    const auto bound = [&](int input, const char* attribute) {
      const OnnxTensor* found = node.input(input).empty() ? nullptr : constant(node.input(input));
      return found != nullptr && found->reals.size() == 1 ? found->reals[0] : node.real(attribute, NAN);
    };
    if (bound(1, "min") != 0.0F || bound(2, "max") != 6.0F) {
      node.fail("clips to other numbers", "0 and 6 (ReLU6)");
    }
    place(node.output(), make(node, LayerKind::relu6));
  }

  void pooling(const OnnxNode& node, LayerKind kind) {
    NetworkLayer layer = make(node, kind);
    layer.window = onnx_window(node, input_shape(layer), node.integers("kernel_shape"));
    layer.ceil_mode = node.integer("ceil_mode", 0) != 0;
    layer.count_padding = node.integer("count_include_pad", 0) != 0;
    place(node.output(), std::move(layer));
  }

  void max_pool(const OnnxNode& node) {
    node.known({"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides"});
    if (needed_.count(node.output(1)) > 0) {
      node.fail("the positions of the maxima are used", "the maxima alone");
    }
    pooling(node, LayerKind::max_pooling);
  }

  void average_pool(const OnnxNode& node) {
    node.known(
        {"auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides"});
    pooling(node, LayerKind::average_pooling);
  }

  void global_average_pool(const OnnxNode& node) {
    node.known({});
    place(node.output(), make(node, LayerKind::global_average_pooling));
  }

  /// Two tensors, or a tensor and a constant that becomes the bias of the MatMul before it.
  void add(const OnnxNode& node) {
    node.known({});
    for (int i = 0; i < 2 && node.inputs() == 2; ++i) {
      if (const OnnxTensor* summand = constant(node.input(i))) {
        add_bias(node, node.input(1 - i), *summand);
        return;
      }
    }
    NetworkLayer layer = make(node, LayerKind::add);
    for (int i = 1; i < node.inputs(); ++i) {
      layer.inputs.push_back(position(node, i));
    }
    if (layer.inputs.size() == 1) {
      places_[node.output()] = layer.inputs.front();  // the sum of one
      return;
    }
    place(node.output(), std::move(layer));
  }

  void add_bias(const OnnxNode& node, const std::string& tensor, const OnnxTensor& summand) {
    const auto found = places_.find(tensor);
    NetworkLayer* before = found == places_.end() ? nullptr : &network_.layers[found->second];
    const bool mergeable = before != nullptr && before->kind == LayerKind::fully_connected &&
                           found->second + 1 == network_.layers.size() && uses_.at(tensor) == 1;
    if (!mergeable) {
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
    places_[node.output()] = found->second;
  }

  void concat(const OnnxNode& node) {
    node.known({"axis"});
    NetworkLayer layer = make(node, LayerKind::concat);
    const std::int64_t axis = node.integer("axis", 1);
    if (axis != 1 && !(axis == -3 && input_shape(layer).pixels() > 1) &&
        !(axis == -1 && input_shape(layer).pixels() == 1)) {
      node.fail("joins along axis " + std::to_string(axis), "axis 1, the channels");
    }
    for (int i = 1; i < node.inputs(); ++i) {
      layer.inputs.push_back(position(node, i));
    }
    if (layer.inputs.size() == 1) {
      places_[node.output()] = layer.inputs.front();
      return;
    }
    place(node.output(), std::move(layer));
  }

  void batch_normalization(const OnnxNode& node) {
    node.known({"epsilon", "momentum", "spatial", "training_mode"});
    node.only("training_mode", 0, 0);
    node.only("spatial", 1, 1);
    NetworkLayer layer = make(node, LayerKind::batch_normalization);
    const std::uint64_t channels = input_shape(layer).channels;
    auto weights = std::make_shared<LayerWeights>();
    for (int i = 1; i <= 4; ++i) {
      const OnnxTensor& numbers = needed_constant(node, i);
      if (numbers.reals.size() != channels || numbers.elements() != channels) {
        node.fail("input " + std::to_string(i) + " has " + std::to_string(numbers.elements()) + " elements",
                  std::to_string(channels) + ", one for each channel");
      }
    }
    const auto number = [&](int input, std::uint64_t channel) {
      return static_cast<double>(needed_constant(node, input).reals[channel]);
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
    place(node.output(), std::move(layer));
  }

  void to_vector(const OnnxNode& node) {
    NetworkLayer layer = make(node, LayerKind::flatten);
    layer.order = FlattenOrder::chw;
    if (input_shape(layer).pixels() == 1) {
      places_[node.output()] = layer.inputs.front();  // it is a vector already
      return;
    }
    place(node.output(), std::move(layer));
  }

  void flatten(const OnnxNode& node) {
    node.known({"axis"});
    node.only("axis", 1, 1);
    to_vector(node);
  }

  void reshape(const OnnxNode& node) {
    node.known({"allowzero"});
    const OnnxTensor& shape = needed_constant(node, 1);
    const std::uint64_t elements = network_.layers[position(node, 0)].shape.elements();
    const bool vector =
        shape.integers.size() == 2 &&
        (shape.integers[1] == -1 || shape.integers[1] == static_cast<std::int64_t>(elements)) &&
        shape.integers[0] >= -1 && shape.integers[0] <= 1;
    if (!vector) {
      node.fail("reshapes to something else than a vector", "[batch, -1]");
    }
    to_vector(node);
  }

  void softmax(const OnnxNode& node) {
    node.known({"axis"});
    NetworkLayer layer = make(node, LayerKind::softmax);
    const std::int64_t axis = node.integer("axis", -1);
    if (input_shape(layer).pixels() != 1 || (axis != 1 && axis != -1 && axis != -3)) {
      node.fail("a softmax over something else than a vector's elements", "axis 1 of [batch, classes]");
    }
    place(node.output(), std::move(layer));
  }

  void lstm(const OnnxNode& node) {
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
    if (needed_.count(node.output(1)) > 0 || needed_.count(node.output(2)) > 0) {
      node.fail("its last state is used", "its first output, the state at every step");
    }
    NetworkLayer layer = make(node, LayerKind::lstm);
    const std::int64_t hidden = node.integer("hidden_size", 0);
    if (hidden < 1 || hidden > LayerDescription::max_extent) {
      node.fail("hidden_size is " + std::to_string(hidden), "1 to 65536");
    }
    layer.shape.channels = static_cast<std::uint32_t>(hidden);
    const OnnxTensor& w = needed_constant(node, 1);
    const OnnxTensor* b = node.input(3).empty() ? nullptr : &needed_constant(node, 3);
    if (w.shape.size() != 3 || w.shape[2] != input_shape(layer).channels) {
      node.fail("W does not fit the input", "[1, 4 hidden, inputs]");
    }
    layer.weights = std::make_shared<const LayerWeights>(
        onnx_lstm_weights(node, w, needed_constant(node, 2), b, layer.shape.channels));
    place(node.output(), std::move(layer));
  }

  void constant_node(const OnnxNode& node) {
    const onnx::TensorProto* value = node.tensor("value");
    if (value == nullptr) {
      node.fail("has no tensor", "the attribute value");
    }
    constants_[node.output()] = std::make_shared<const OnnxTensor>(onnx_tensor(*value, path_));
  }

  void pass(const OnnxNode& node) {
    const auto found = constants_.find(node.input(0));
    if (found != constants_.end()) {
      constants_[node.output()] = found->second;
      return;
    }
    places_[node.output()] = position(node, 0);
  }

  void dropout(const OnnxNode& node) {
    node.known({"ratio", "seed"});
    if (needed_.count(node.output(1)) > 0) {
      node.fail("its mask is used", "the model as it infers");
    }
    pass(node);
  }

  /// Removes the directions of an LSTM's output.
  void squeeze(const OnnxNode& node) {
    const std::size_t before = position(node, 0);
    if (network_.layers[before].kind != LayerKind::lstm) {
      node.fail("squeezes something else than the output of an LSTM", "the directions of an LSTM, axis 1");
    }
    const OnnxTensor* axes = node.input(1).empty() ? nullptr : &needed_constant(node, 1);
    const std::vector<std::int64_t> list = axes != nullptr ? axes->integers : node.integers("axes");
    if (list != std::vector<std::int64_t>{1}) {
      node.fail("squeezes other axes", "axis 1, the directions of an LSTM");
    }
    places_[node.output()] = before;
  }

  const onnx::GraphProto& graph_;
  const std::string& path_;
  std::map<std::string, std::shared_ptr<const OnnxTensor>> constants_;
  std::map<std::string, std::size_t> places_;  ///< layer that makes a tensor
  std::set<std::string> needed_;
  std::map<std::string, std::size_t> uses_;  ///< how often a tensor is taken
  std::set<std::string> names_;
  std::map<std::string, int> name_numbers_;  ///< last number behind a name that came again
  std::uint64_t weights_ = 0;
  Network network_;
};

}  // namespace

Network read_onnx(const std::string& path) {
  const std::vector<unsigned char> bytes = read_bytes(path, max_onnx_bytes);
  onnx::ModelProto model;
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !model.has_graph()) {
    throw InputDataError({path, 0, ""}, "is not an ONNX model, or damaged", "a file that onnx.save wrote");
  }
  return GraphReader(model.graph(), path).read();
}

}  // namespace lacuna
