// LSTM, in both directions.

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

/// The functions must be the default ones: the machine's cell has no others.
void check_functions(const OnnxNode& node, std::size_t directions) {
  const std::vector<std::string> listed = node.texts("activations");
  static const char* const defaults[] = {"Sigmoid", "Tanh", "Tanh"};
  for (std::size_t i = 0; i < listed.size(); ++i) {
    const std::string& name = listed[i];
    const std::string wanted = defaults[i % 3];
    const bool same = name.size() == wanted.size() &&
                      std::equal(name.begin(), name.end(), wanted.begin(), [](char a, char b) {
                        return (a | 0x20) == (b | 0x20);  // the standard ignores case
                      });
    if (listed.size() != 3 * directions || !same) {
      node.fail("activations of " + onnx_name(fmt::format("{}", fmt::join(listed, ", ")), 128),
                "Sigmoid, Tanh, Tanh for each direction");
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

/// Lengths, initial state and peepholes: only what changes nothing.
void check_state(const OnnxGraph& graph, const OnnxNode& node, std::uint64_t steps,
                 const std::vector<std::uint64_t>& state_shape) {
  if (!node.input(4).empty()) {
    const OnnxTensor& lengths = graph.needed_constant(node, 4, "the lengths");
    for (std::uint64_t i = 0; i < lengths.elements(); ++i) {
      if (lengths.number(i) != static_cast<double>(steps)) {
        node.fail(fmt::format("sequences of {} of {} steps", lengths.number(i), steps), "whole sequences");
      }
    }
  }
  for (int input = 5; input <= 7; ++input) {
    if (node.input(input).empty()) {
      continue;
    }
    const char* const what = input == 7   ? "the peepholes"
                             : input == 5 ? "the initial state"
                                          : "the initial cell";
    const OnnxTensor& given = graph.needed_constant(node, input, what);
    if (input < 7 && given.shape != state_shape) {
      node.fail(fmt::format("{} has the shape [{}]", what, fmt::join(given.shape, ", ")),
                fmt::format("[{}]", fmt::join(state_shape, ", ")));
    }
    if (!is_zero(given)) {
      node.fail(fmt::format("{} {} not zero", what, input == 7 ? "are" : "is"),
                input == 7 ? "cells without peepholes" : "a state that starts at zero");
    }
  }
}

/// Weights of one direction: gates reordered from ONNX's input, output, forget, cell to ours.
LayerWeights weights_of(const OnnxGraph& graph, const OnnxNode& node, std::size_t direction,
                        std::size_t directions, std::uint64_t inputs, std::uint64_t hidden) {
  const OnnxTensor& w = graph.needed_reals(node, 1, "the weights W");
  const OnnxTensor& r = graph.needed_reals(node, 2, "the weights R");
  const OnnxTensor* b = node.input(3).empty() ? nullptr : &graph.needed_reals(node, 3, "the bias B");
  using Shape = std::vector<std::uint64_t>;
  if (w.shape != Shape{directions, 4 * hidden, inputs} || r.shape != Shape{directions, 4 * hidden, hidden} ||
      (b != nullptr && b->shape != Shape{directions, 8 * hidden})) {
    node.fail("the shapes of W, R and B do not fit",
              fmt::format("[{0}, {1}, {2}], [{0}, {1}, {3}], [{0}, {4}] for hidden_size {3}", directions,
                          4 * hidden, inputs, hidden, 8 * hidden));
  }
  // ONNX: input, output, forget, cell. Ours: input, forget, cell, output.
  constexpr std::uint64_t source[] = {0, 2, 3, 1};
  LayerWeights weights;
  const auto append = [](std::vector<float>& target, const std::vector<float>& from, std::uint64_t start,
                         std::uint64_t count) {
    const auto first = from.begin() + static_cast<std::ptrdiff_t>(start);
    target.insert(target.end(), first, first + static_cast<std::ptrdiff_t>(count));
  };
  for (const std::uint64_t gate : source) {
    const std::uint64_t row = (4 * direction + gate) * hidden;
    append(weights.values, w.reals, row * inputs, hidden * inputs);
    append(weights.recurrent, r.reals, row * hidden, hidden * hidden);
    for (std::uint64_t i = 0; b != nullptr && i < hidden; ++i) {
      const std::uint64_t first = (8 * direction + gate) * hidden + i;
      weights.bias.push_back(b->reals[first] + b->reals[first + 4 * hidden]);
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

}  // namespace

void lstm(OnnxGraph& graph, const OnnxNode& node) {
  node.known({"direction", "hidden_size", "input_forget", "layout", "activations", "activation_alpha",
              "activation_beta", "clip", "output_sequence"});
  node.only("input_forget", 0, 0);
  const bool images_first = node.integer("layout", 0) != 0;
  const std::vector<bool> directions = directions_of(node);
  check_functions(node, directions.size());
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
  if (!node.output(2).empty() && graph.is_needed(node.output(2))) {
    node.fail("its last cell, Y_c, is used", "Y or Y_h");
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
  check_state(graph, node, steps, state_shape);
  std::vector<OnnxView> states;
  std::vector<OnnxView> last;
  for (std::size_t direction = 0; direction < directions.size(); ++direction) {
    const OnnxView sequence = graph.image(node, directions[direction] ? backwards(view) : view, {0}, {}, {2});
    NetworkLayer layer = graph.make(node, LayerKind::lstm, {sequence.layer});
    layer.name += directions.size() == 2 && directions[direction] ? "_reverse" : "";
    layer.shape.channels = static_cast<std::uint32_t>(hidden);
    layer.weights = std::make_shared<const LayerWeights>(
        weights_of(graph, node, direction, directions.size(), inputs, static_cast<std::uint64_t>(hidden)));
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

}  // namespace lacuna::onnx_lowering
