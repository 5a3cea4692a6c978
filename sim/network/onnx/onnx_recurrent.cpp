// LSTM and GRU, in both directions.

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/network/onnx/onnx_operators.h"

namespace lacuna::onnx_lowering {
namespace {

/// The directions of a node: whether each runs backwards.
std::vector<bool> directions_of(const OnnxNode& node) {
  const std::string direction = node.text("direction", "forward");
  if (direction == "forward") {
    return {false};
  }
  if (direction == "reverse") {
    return {true};
  }
  if (direction != "bidirectional") {
    node.fail("direction is " + onnx_name(direction, 32), "forward, reverse or bidirectional");
  }
  return {false, true};
}

/// A kind of cell as the standard has it.
struct Cell {
  LayerKind kind;
  std::vector<std::string> functions;  ///< the default ones: the machine's cell has no others
  std::vector<std::uint64_t> gates;    ///< ONNX's place of each of ours (LayerWeights)
};

// ONNX: input, output, forget, cell. Ours: input, forget, cell, output.
const Cell& lstm_cell() {
  static const Cell cell = {LayerKind::lstm, {"Sigmoid", "Tanh", "Tanh"}, {0, 2, 3, 1}};
  return cell;
}

const Cell& gru_cell() {
  static const Cell cell = {LayerKind::gru, {"Sigmoid", "Tanh"}, {0, 1, 2}};
  return cell;
}

void check_functions(const OnnxNode& node, const Cell& cell, std::size_t directions) {
  const std::vector<std::string> listed = node.texts("activations");
  for (std::size_t i = 0; i < listed.size(); ++i) {
    const std::string& name = listed[i];
    const std::string& wanted = cell.functions[i % cell.functions.size()];
    const bool same = name.size() == wanted.size() &&
                      std::equal(name.begin(), name.end(), wanted.begin(), [](char a, char b) {
                        return (a | 0x20) == (b | 0x20);  // the standard ignores case
                      });
    if (listed.size() != cell.functions.size() * directions || !same) {
      node.fail("activations of " + onnx_name(fmt::format("{}", fmt::join(listed, ", ")), 128),
                fmt::format("{} for each direction", fmt::join(cell.functions, ", ")));
    }
  }
  if (node.has("clip")) {
    node.fail("clip is given", "cells that clip nothing");
  }
}

bool is_zero(const OnnxTensor& tensor) {
  for (std::uint64_t i = 0; i < tensor.elements(); ++i) {
    if (tensor.number(i) != 0.0) {
      return false;
    }
  }
  return true;
}

/// Lengths and peepholes: only what changes nothing.
void check_lengths(const OnnxGraph& graph, const OnnxNode& node, std::uint64_t steps) {
  if (!node.input(4).empty()) {
    const OnnxTensor& lengths = graph.needed_constant(node, 4, "the lengths");
    for (std::uint64_t i = 0; i < lengths.elements(); ++i) {
      if (lengths.number(i) != static_cast<double>(steps)) {
        node.fail(fmt::format("sequences of {} of {} steps", lengths.number(i), steps), "whole sequences");
      }
    }
  }
  if (!node.input(7).empty() && !is_zero(graph.needed_constant(node, 7, "the peepholes"))) {
    node.fail("the peepholes are not zero", "cells without peepholes");
  }
}

/// What a cell starts from in one direction, [outputs]; nothing where that is zeros. `shape` is [directions,
/// images, outputs], or with the first two changed.
std::vector<float> initial_state(const OnnxGraph& graph, const OnnxNode& node, int input, const char* what,
                                 const std::vector<std::uint64_t>& shape, bool images_first,
                                 std::size_t direction) {
  if (node.input(input).empty()) {
    return {};
  }
  const OnnxTensor& given = graph.needed_reals(node, input, what);
  if (given.shape != shape) {
    node.fail(fmt::format("{} has the shape [{}]", what, fmt::join(given.shape, ", ")),
              fmt::format("[{}]", fmt::join(shape, ", ")));
  }
  if (is_zero(given)) {
    return {};
  }
  const std::uint64_t images = shape[images_first ? 0 : 1];
  const std::uint64_t directions = shape[images_first ? 1 : 0];
  const auto of_image = [&](std::uint64_t image) {
    const std::uint64_t row =
        images_first ? image * directions + direction : std::uint64_t{direction} * images + image;
    const auto first = given.reals.begin() + static_cast<std::ptrdiff_t>(row * shape[2]);
    return std::vector<float>(first, first + static_cast<std::ptrdiff_t>(shape[2]));
  };
  std::vector<float> state = of_image(0);
  for (std::uint64_t image = 1; image < images; ++image) {
    if (of_image(image) != state) {
      node.fail(fmt::format("{} differs from image to image", what), "one for all images");
    }
  }
  return state;
}

/// Weights of one direction: gates in our order.
LayerWeights weights_of(const OnnxGraph& graph, const OnnxNode& node, const Cell& cell, std::size_t direction,
                        std::size_t directions, std::uint64_t inputs, std::uint64_t hidden,
                        bool reset_after) {
  const OnnxTensor& w = graph.needed_reals(node, 1, "the weights W");
  const OnnxTensor& r = graph.needed_reals(node, 2, "the weights R");
  const OnnxTensor* b = node.input(3).empty() ? nullptr : &graph.needed_reals(node, 3, "the bias B");
  using Shape = std::vector<std::uint64_t>;
  const std::uint64_t gates = cell.gates.size();
  if (w.shape != Shape{directions, gates * hidden, inputs} ||
      r.shape != Shape{directions, gates * hidden, hidden} ||
      (b != nullptr && b->shape != Shape{directions, 2 * gates * hidden})) {
    node.fail("the shapes of W, R and B do not fit",
              fmt::format("[{0}, {1}, {2}], [{0}, {1}, {3}], [{0}, {4}] for hidden_size {3}", directions,
                          gates * hidden, inputs, hidden, 2 * gates * hidden));
  }
  LayerWeights weights;
  const auto append = [](std::vector<float>& target, const std::vector<float>& from, std::uint64_t start,
                         std::uint64_t count) {
    const auto first = from.begin() + static_cast<std::ptrdiff_t>(start);
    target.insert(target.end(), first, first + static_cast<std::ptrdiff_t>(count));
  };
  for (const std::uint64_t gate : cell.gates) {
    const std::uint64_t row = (gates * direction + gate) * hidden;
    append(weights.values, w.reals, row * inputs, hidden * inputs);
    append(weights.recurrent, r.reals, row * hidden, hidden * hidden);
    const bool apart = reset_after && gate + 1 == gates;
    for (std::uint64_t i = 0; b != nullptr && i < hidden; ++i) {
      const std::uint64_t first = (2 * gates * direction + gate) * hidden + i;
      const float of_state = b->reals[first + gates * hidden];
      weights.bias.push_back(b->reals[first] + (apart ? 0.0F : of_state));
      if (apart) {
        weights.recurrent_bias.push_back(of_state);
      }
    }
  }
  return weights;
}

/// The same elements with time running backwards.
OnnxView backwards(OnnxView view) {
  for (OnnxPart& part : view.axes[0]) {
    view.offset += (static_cast<std::int64_t>(part.extent) - 1) * part.stride;
    part.stride = -part.stride;
  }
  return view;
}

/// The last axis alone, of the last step.
OnnxView last_step(OnnxView view) {
  for (const OnnxPart& part : view.axes[0]) {
    view.offset += (static_cast<std::int64_t>(part.extent) - 1) * part.stride;
  }
  view.axes[0].clear();
  return view;
}

/// [steps, images, outputs] of each direction joined behind one another: [steps, directions, images,
/// outputs].
OnnxView joined(OnnxGraph& graph, const OnnxNode& node, const std::vector<OnnxView>& directions) {
  OnnxView result = directions.front();
  const std::uint64_t outputs = extent_of(result.axes[2]);
  std::vector<std::size_t> inputs;
  for (const OnnxView& each : directions) {
    result = graph.image(node, each, {0}, {}, {2});
    inputs.push_back(result.layer);
  }
  result.axes.insert(result.axes.begin() + 1, OnnxAxis());
  if (directions.size() == 1) {
    return result;
  }
  NetworkLayer layer = graph.make(node, LayerKind::concat, inputs);
  layer.name += "_directions";
  result.layer = graph.place(std::move(layer));
  const auto stride = static_cast<std::int64_t>(outputs);
  for (OnnxPart& part : result.axes[0]) {
    part.stride *= static_cast<std::int64_t>(directions.size());
  }
  result.axes[1] = {OnnxPart{directions.size(), stride, false}};
  return result;
}

void cell_layers(OnnxGraph& graph, const OnnxNode& node, const Cell& cell) {
  const bool reset_after = node.integer("linear_before_reset", 0) != 0;
  const bool images_first = node.integer("layout", 0) != 0;
  const std::vector<bool> directions = directions_of(node);
  check_functions(node, cell, directions.size());
  OnnxView view = graph.view(node, 0);
  if (view.axes.size() != 3) {
    node.fail(fmt::format("an input of {} dimensions", view.axes.size()), "[steps, images, inputs]");
  }
  if (images_first) {
    std::swap(view.axes[0], view.axes[1]);
  }
  if (view.is_batch(0) || view.is_batch(2) || !joined_parts({view.axes[1]}).empty()) {
    node.fail("its steps are along the images, or its images along an axis of one image",
              images_first ? "[images, steps, inputs] (layout 1)" : "[steps, images, inputs] (layout 0)");
  }
  const std::uint64_t steps = extent_of(view.axes[0]);
  const std::uint64_t inputs = extent_of(view.axes[2]);
  const OnnxTensor& recurrent = graph.needed_reals(node, 2, "the weights R");
  const auto known = static_cast<std::int64_t>(recurrent.shape.empty() ? 0 : recurrent.shape.back());
  const std::int64_t hidden = node.integer("hidden_size", known);
  if (hidden < 1 || hidden > LayerDescription::max_extent) {
    node.fail("hidden_size is " + std::to_string(hidden), "1 to 65536");
  }
  const std::uint64_t images = extent_of(view.axes[1]);
  std::vector<std::uint64_t> state_shape = {directions.size(), images, static_cast<std::uint64_t>(hidden)};
  if (images_first) {
    std::swap(state_shape[0], state_shape[1]);
  }
  check_lengths(graph, node, steps);
  std::vector<OnnxView> states;
  std::vector<OnnxView> last;
  for (std::size_t direction = 0; direction < directions.size(); ++direction) {
    const OnnxView sequence = graph.image(node, directions[direction] ? backwards(view) : view, {0}, {}, {2});
    NetworkLayer layer = graph.make(node, cell.kind, {sequence.layer});
    layer.name += directions.size() == 2 && directions[direction] ? "_reverse" : "";
    layer.shape.channels = static_cast<std::uint32_t>(hidden);
    layer.reset_after = reset_after;
    LayerWeights weights = weights_of(graph, node, cell, direction, directions.size(), inputs,
                                      static_cast<std::uint64_t>(hidden), reset_after);
    weights.state = initial_state(graph, node, 5, "the initial state", state_shape, images_first, direction);
    if (cell.kind == LayerKind::lstm) {
      weights.cell = initial_state(graph, node, 6, "the initial cell", state_shape, images_first, direction);
    }
    layer.weights = std::make_shared<const LayerWeights>(std::move(weights));
    OnnxView state;
    state.layer = graph.place(std::move(layer));
    state.axes = {{OnnxPart{steps, hidden, false}},
                  view.axes[1],
                  {OnnxPart{static_cast<std::uint64_t>(hidden), 1, false}}};
    last.push_back(last_step(state));
    states.push_back(directions[direction] ? backwards(std::move(state)) : std::move(state));
  }
  // Y: [steps, directions, images, outputs]; layout 1: [images, steps, directions, outputs].
  if (!node.output(0).empty() && graph.is_needed(node.output(0))) {
    OnnxView y = directions.size() == 1 ? states.front() : joined(graph, node, states);
    if (directions.size() == 1) {
      y.axes.insert(y.axes.begin() + 1, OnnxAxis());
    }
    if (images_first) {
      std::rotate(y.axes.begin(), y.axes.begin() + 2, y.axes.begin() + 3);
    }
    graph.define(node.output(0), std::move(y));
  }
  // Y_h: [directions, images, outputs]; layout 1: [images, directions, outputs].
  if (!node.output(1).empty() && graph.is_needed(node.output(1))) {
    OnnxView h = directions.size() == 1 ? last.front() : joined(graph, node, last);
    if (directions.size() == 1) {
      h.axes.insert(h.axes.begin() + 1, OnnxAxis());
    }
    h.axes.erase(h.axes.begin());
    if (images_first) {
      std::swap(h.axes[0], h.axes[1]);
    }
    graph.define(node.output(1), std::move(h));
  }
}

}  // namespace

void lstm(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"direction", "hidden_size", "input_forget", "layout", "activations", "activation_alpha",
              "activation_beta", "clip", "output_sequence"});
  node.only("input_forget", 0, 0);
  if (!node.output(2).empty() && graph.is_needed(node.output(2))) {
    node.fail("its last cell, Y_c, is used", "Y or Y_h");
  }
  cell_layers(graph, node, lstm_cell());
}

void gru(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"direction", "hidden_size", "linear_before_reset", "layout", "activations", "activation_alpha",
              "activation_beta", "clip", "output_sequence"});
  cell_layers(graph, node, gru_cell());
}

}  // namespace lacuna::onnx_lowering
