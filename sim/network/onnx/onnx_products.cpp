// Operators with weights: Gemm, MatMul, Conv.

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/common/large_pages.h"
#include "models/common/parallel_for.h"
#include "sim/network/onnx/onnx_operators.h"
#include "sim/network/onnx/onnx_shapes.h"
#include "sim/network/onnx/onnx_window.h"

namespace lacuna::onnx_lowering {
namespace {

/// A constant matrix [outputs][inputs].
struct Matrix {
  std::uint64_t outputs = 0;
  std::uint64_t inputs = 0;
  std::vector<float> rows;
};

/// From a constant whose last two dimensions are a matrix and all others 1.
Matrix matrix_of(const OnnxNode& node, const OnnxTensor& tensor, bool outputs_first, float factor) {
  const std::size_t rank = tensor.shape.size();
  const bool is_matrix = rank >= 2 && std::all_of(tensor.shape.begin(), tensor.shape.end() - 2,
                                                  [](std::uint64_t extent) { return extent == 1; });
  if (!is_matrix || tensor.reals.empty()) {
    node.fail(fmt::format("weights of the shape [{}]", fmt::join(tensor.shape, ", ")), "one matrix");
  }
  Matrix matrix;
  matrix.outputs = tensor.shape[rank - (outputs_first ? 2 : 1)];
  matrix.inputs = tensor.shape[rank - (outputs_first ? 1 : 2)];
  matrix.rows.resize(tensor.reals.size());
  for (std::uint64_t o = 0; o < matrix.outputs; ++o) {
    for (std::uint64_t i = 0; i < matrix.inputs; ++i) {
      matrix.rows[o * matrix.inputs + i] =
          factor * tensor.reals[outputs_first ? o * matrix.inputs + i : i * matrix.outputs + o];
    }
  }
  return matrix;
}

/// Every vector along `axis` times the matrix: a fully connected layer of one vector, else a convolution of
/// 1x1 pixels.
OnnxView product(OnnxGraph& graph, const OnnxNode& node, const OnnxView& view, std::size_t axis,
                 Matrix matrix) {
  if (extent_of(view.axes[axis]) != matrix.inputs || matrix.outputs > LayerDescription::max_extent) {
    node.fail(fmt::format("{} inputs and a matrix of {} inputs and {} outputs", extent_of(view.axes[axis]),
                          matrix.inputs, matrix.outputs),
              "as many inputs, at most 65536 outputs");
  }
  if (view.is_batch(axis)) {
    node.fail(fmt::format("sums over axis {}, the images", axis), "products of each image by itself");
  }
  OnnxView laid = graph.with_channels(node, view, {axis}, true);
  const bool is_vector = graph.shape(laid.layer).pixels() == 1;
  NetworkLayer layer =
      graph.make(node, is_vector ? LayerKind::fully_connected : LayerKind::convolution, {laid.layer});
  layer.shape.channels = static_cast<std::uint32_t>(matrix.outputs);
  auto weights = std::make_shared<LayerWeights>();
  weights->values = std::move(matrix.rows);
  layer.weights = std::move(weights);
  laid.layer = graph.place(std::move(layer));
  for (OnnxAxis& each : laid.axes) {
    for (OnnxPart& part : each) {
      part.stride =
          part.stride / static_cast<std::int64_t>(matrix.inputs) * static_cast<std::int64_t>(matrix.outputs);
    }
  }
  laid.axes[axis] = {OnnxPart{matrix.outputs, 1, false}};
  return laid;
}

OnnxTensor times(const OnnxTensor& tensor, float factor) {
  OnnxTensor result = tensor;
  std::for_each(result.reals.begin(), result.reals.end(), [factor](float& value) { value *= factor; });
  return result;
}

}  // namespace

void gemm(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"alpha", "beta", "transA", "transB", "broadcast"});
  OnnxView a = graph.view(node, 0);
  if (a.axes.size() != 2) {
    node.fail(fmt::format("an input of {} dimensions", a.axes.size()), "a matrix");
  }
  if (node.integer("transA", 0) != 0) {
    std::swap(a.axes[0], a.axes[1]);
  }
  const OnnxTensor& b = graph.needed_reals(node, 1, "the weights");
  if (b.shape.size() != 2) {
    node.fail(fmt::format("weights of {} dimensions", b.shape.size()), "a matrix");
  }
  OnnxView result = product(graph, node, a, 1,
                            matrix_of(node, b, node.integer("transB", 0) != 0, node.real("alpha", 1.0F)));
  if (!node.input(2).empty()) {
    const OnnxTensor& c = graph.needed_reals(node, 2, "the bias");
    const std::vector<std::uint64_t> shape = result.shape();
    if (onnx_broadcast_shape(node, c.shape, shape) != shape) {
      node.fail(fmt::format("a bias of the shape [{}] for outputs of [{}]", fmt::join(c.shape, ", "),
                            fmt::join(shape, ", ")),
                "one bias for each output");
    }
    result = onnx_affine(graph, node, std::move(result), onnx_scalar(1.0), times(c, node.real("beta", 1.0F)));
  }
  graph.define(node.output(), std::move(result));
}

void matmul(OnnxGraph& graph, const OnnxNode& node) {
  node.known({});
  const bool constant_first = graph.constant(node.input(0)) != nullptr;
  if (graph.is_view(node.input(0)) && graph.is_view(node.input(1))) {
    node.fail("both factors depend on the network's input", "one constant factor: the weights");
  }
  OnnxView view = graph.view(node, constant_first ? 1 : 0);
  OnnxTensor weights = graph.needed_reals(node, constant_first ? 0 : 1, "the weights");
  const bool is_row = weights.shape.size() == 1;  // a vector of weights: its dimension goes
  const bool is_vector = view.axes.size() == 1;   // a vector of inputs: so does its own
  if (is_row) {
    weights.shape = constant_first ? std::vector<std::uint64_t>{1, weights.shape[0]}
                                   : std::vector<std::uint64_t>{weights.shape[0], 1};
  }
  if (view.axes.empty()) {
    node.fail("a factor without dimensions", "vectors or matrices");
  }
  const std::size_t axis = view.axes.size() - (constant_first && !is_vector ? 2 : 1);
  const std::size_t rank = std::max<std::size_t>(weights.shape.size(), view.axes.size());
  OnnxView result = product(graph, node, view, axis, matrix_of(node, weights, constant_first, 1.0F));
  while (result.axes.size() < rank && !is_vector) {
    result.axes.insert(result.axes.begin(), OnnxAxis());
  }
  if (is_row) {
    const std::size_t gone = constant_first && !is_vector ? result.axes.size() - 2 : result.axes.size() - 1;
    result.axes.erase(result.axes.begin() + static_cast<std::ptrdiff_t>(gone));
  }
  graph.define(node.output(), std::move(result));
}

namespace {

/// [outputs, inputs, rows, columns] as [outputs, rows, columns, inputs], the gaps of a dilated kernel as
/// zeros.
std::vector<float> channels_last(const OnnxTensor& kernels, const Window& window,
                                 const std::vector<std::int64_t>& dilations, std::size_t threads) {
  const std::uint64_t channels = kernels.shape[1];
  const std::uint64_t rows = kernels.shape[2];
  const std::uint64_t columns = kernels.shape.size() == 4 ? kernels.shape[3] : 1;
  const auto down = static_cast<std::uint64_t>(dilations.front());
  const std::uint64_t right = dilations.size() == 2 ? static_cast<std::uint64_t>(dilations[1]) : 1;
  std::vector<float> moved;
  const std::size_t size = kernels.shape[0] * window.height * window.width * channels;
  reserve_large(moved, size);
  moved.resize(size, 0.0F);
  const std::uint64_t each = channels * rows * columns;
  // A thread begins no smaller piece, which would be moved before it has.
  const std::uint64_t at_once = std::uint64_t{1 << 18} / std::max<std::uint64_t>(each, 1) + 1;
  parallel_for({kernels.shape[0], at_once, threads}, [&](const ParallelPart& part) {
    const float* next = kernels.reals.data() + part.begin * each;
    for (std::uint64_t output = part.begin; output < part.end; ++output) {
      for (std::uint64_t channel = 0; channel < channels; ++channel) {
        for (std::uint64_t row = 0; row < rows; ++row) {
          for (std::uint64_t column = 0; column < columns; ++column, ++next) {
            const std::uint64_t place = (output * window.height + row * down) * window.width + column * right;
            moved[place * channels + channel] = *next;
          }
        }
      }
    }
  });
  return moved;
}

/// Zeros around the input become the convolution's own padding.
std::size_t without_pad(const OnnxGraph& graph, std::size_t input, Window& window) {
  const NetworkLayer& layer = graph.layer(input);
  if (layer.kind != LayerKind::pad || layer.pad_value != 0.0) {
    return input;
  }
  window.top += layer.window.top;
  window.bottom += layer.window.bottom;
  window.left += layer.window.left;
  window.right += layer.window.right;
  const std::uint32_t most = std::max({window.top, window.bottom, window.left, window.right});
  return most > LayerDescription::max_kernel ? input : layer.inputs.front();
}

/// What a kernel with gaps covers.
std::vector<std::int64_t> covered(const OnnxNode& node, const OnnxTensor& kernels,
                                  const std::vector<std::int64_t>& dilations) {
  std::vector<std::int64_t> sizes;
  for (std::size_t d = 0; d < dilations.size(); ++d) {
    const auto size = static_cast<std::int64_t>(kernels.shape[2 + d]);
    if (size < 1 || size > LayerDescription::max_kernel) {
      node.fail(fmt::format("a kernel of {}", size), "1 to 1024");
    }
    sizes.push_back((size - 1) * dilations[d] + 1);
  }
  return sizes;
}

}  // namespace

void conv(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"});
  const OnnxFeatureMap map = onnx_feature_map(graph, node);
  const OnnxTensor& kernels = graph.needed_reals(node, 1, "the weights");
  const std::int64_t groups = node.integer("group", 1);
  const TensorShape& input = graph.shape(map.view.layer);
  if (kernels.shape.size() != 2 + map.dimensions() || kernels.reals.empty() ||
      kernels.shape[0] > LayerDescription::max_extent || groups < 1 ||
      groups > LayerDescription::max_extent ||
      kernels.shape[1] * static_cast<std::uint64_t>(groups) != input.channels) {
    node.fail(fmt::format("weights of the shape [{}] for {} channels in {} groups",
                          fmt::join(kernels.shape, ", "), input.channels, groups),
              "[outputs, channels / groups, kernel], at most 65536 outputs");
  }
  const std::vector<std::int64_t> said = node.integers("kernel_shape");
  if (!said.empty() && !std::equal(said.begin(), said.end(), kernels.shape.begin() + 2, kernels.shape.end(),
                                   [](std::int64_t a, std::uint64_t b) {
                                     return a >= 0 && static_cast<std::uint64_t>(a) == b;
                                   })) {
    node.fail(fmt::format("kernel_shape is [{}]", fmt::join(said, ", ")), "that of the weights");
  }
  const std::vector<std::int64_t> dilations = onnx_dilations(node, map.dimensions());
  NetworkLayer layer = graph.make(node, LayerKind::convolution, {map.view.layer});
  layer.window = onnx_window(node, input, covered(node, kernels, dilations), map.dimensions());
  constexpr std::uint64_t most_with_gaps = std::uint64_t{1} << 26;
  const std::uint64_t written =
      kernels.shape[0] * kernels.shape[1] * layer.window.height * layer.window.width;
  if (written > kernels.reals.size() && written > most_with_gaps) {
    node.fail(fmt::format("a dilated kernel of {} weights with its zeros", written),
              fmt::format("at most {}", most_with_gaps));
  }
  auto weights = std::make_shared<LayerWeights>();
  weights->values = channels_last(kernels, layer.window, dilations, graph.threads());
  layer.weights = std::move(weights);
  layer.groups = static_cast<std::uint32_t>(groups);
  layer.shape.channels = static_cast<std::uint32_t>(kernels.shape[0]);
  Window with_padding = layer.window;
  const std::size_t before = without_pad(graph, map.view.layer, with_padding);
  if (before != map.view.layer) {
    layer.inputs = {before};
    layer.window = with_padding;
  }
  if (std::uint64_t{layer.window.height} * layer.window.width >
      kernels.shape[2] * (map.has_columns ? kernels.shape[3] : 1)) {
    graph.note(fmt::format("node {}: the dilated kernel is a kernel of {}x{} with zeros", node.name(),
                           layer.window.height, layer.window.width));
  }
  OnnxView result = onnx_feature_map_of(graph, map, graph.place(std::move(layer)));
  if (!node.input(2).empty()) {
    OnnxTensor bias = graph.needed_reals(node, 2, "the bias");
    if (bias.reals.size() != kernels.shape[0]) {
      node.fail(fmt::format("{} biases for {} outputs", bias.reals.size(), kernels.shape[0]),
                "one for each output");
    }
    bias.shape = {bias.reals.size()};
    bias.shape.resize(1 + map.dimensions(), 1);
    result = onnx_affine(graph, node, std::move(result), onnx_scalar(1.0), bias);
  }
  graph.define(node.output(), std::move(result));
}

}  // namespace lacuna::onnx_lowering
