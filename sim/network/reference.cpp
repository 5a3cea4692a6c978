#include "sim/network/reference.h"

#include <algorithm>

#include <fmt/format.h>

namespace lacuna {
namespace {

/// Range of window positions for which coordinate `position * stride + offset - before` lies in 0..size-1.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

Range inside(std::size_t windows, std::size_t stride, std::size_t offset, std::size_t before,
             std::size_t size) {
  const std::size_t begin = offset >= before ? 0 : (before - offset + stride - 1) / stride;
  const std::size_t last = size + before;  // exclusive limit of position * stride + offset
  const std::size_t end = last <= offset ? 0 : std::min(windows, (last - offset - 1) / stride + 1);
  return {begin, std::max(begin, end)};
}

/// Adds one weight times the input to every output pixel of a channel plane.
void add_weight(const Window& window, const SparseRows::Weight& weight, const Tensor& input,
                const TensorShape& shape, std::vector<double>& plane) {
  const Range ys = inside(shape.height, window.stride, weight.y, window.top, input.shape.height);
  const Range xs = inside(shape.width, window.stride, weight.x, window.left, input.shape.width);
  for (std::size_t y = ys.begin; y < ys.end; ++y) {
    const std::size_t input_y = y * window.stride + weight.y - window.top;
    for (std::size_t x = xs.begin; x < xs.end; ++x) {
      const std::size_t input_x = x * window.stride + weight.x - window.left;
      plane[y * shape.width + x] +=
          weight.value * static_cast<double>(input.at(input_y, input_x, weight.channel));
    }
  }
}

Tensor product_output(const NetworkLayer& layer, const SparseRows& rows, const Tensor& input) {
  Tensor output(layer.shape);
  std::vector<double> plane;
  for (std::size_t channel = 0; channel < layer.outputs(); ++channel) {
    plane.assign(layer.shape.pixels(), 0.0);
    for (std::size_t i = rows.starts[channel]; i < rows.starts[channel + 1]; ++i) {
      add_weight(layer.window, rows.weights[i], input, layer.shape, plane);
    }
    const double bias = layer.weights->bias.empty() ? 0.0 : static_cast<double>(layer.weights->bias[channel]);
    for (std::size_t pixel = 0; pixel < plane.size(); ++pixel) {
      output.values[pixel * layer.outputs() + channel] = static_cast<float>(plane[pixel] + bias);
    }
  }
  return output;
}

Tensor normalized_output(const NetworkLayer& layer, const Tensor& input) {
  Tensor output = input;
  for (std::size_t i = 0; i < output.values.size(); ++i) {
    const std::size_t channel = i % input.shape.channels;
    output.values[i] = output.values[i] * layer.weights->scale[channel] + layer.weights->offset[channel];
  }
  return output;
}

}  // namespace

SparseRows sparse_rows(const NetworkLayer& layer, const TensorShape& input) {
  const std::uint32_t group_inputs = input.channels / layer.groups;
  const std::uint32_t group_outputs = layer.outputs() / layer.groups;
  SparseRows rows;
  auto next = layer.weights->values.begin();
  for (std::uint32_t output = 0; output < layer.outputs(); ++output) {
    const std::uint32_t first = output / group_outputs * group_inputs;
    for (std::uint32_t y = 0; y < layer.window.height; ++y) {
      for (std::uint32_t x = 0; x < layer.window.width; ++x) {
        for (std::uint32_t i = 0; i < group_inputs; ++i, ++next) {
          if (*next != 0.0F) {
            rows.weights.push_back({y, x, first + i, static_cast<double>(*next)});
          }
        }
      }
    }
    rows.starts.push_back(rows.weights.size());
  }
  return rows;
}

Reference::Reference(const Network& network) : network_(network) {
  for (const NetworkLayer& layer : network.layers) {
    const bool product = layer.kind == LayerKind::convolution || layer.kind == LayerKind::fully_connected;
    rows_.push_back(product ? sparse_rows(layer, network.input_of(layer).shape) : SparseRows{});
  }
}

Tensor Reference::layer_output(std::size_t position, const std::vector<Tensor>& outputs) const {
  const NetworkLayer& layer = network_.layers[position];
  const Tensor& input = outputs[layer.inputs[0]];
  switch (layer.kind) {
    case LayerKind::convolution:
    case LayerKind::fully_connected:
      return product_output(layer, rows_[position], input);
    case LayerKind::lstm:
      return lstm_output(layer, input);
    case LayerKind::batch_normalization:
      return normalized_output(layer, input);
    default:
      break;
  }
  std::vector<const Tensor*> inputs;
  inputs.reserve(layer.inputs.size());
  for (const std::size_t each : layer.inputs) {
    inputs.push_back(&outputs[each]);
  }
  return weightless_output(layer, inputs);
}

std::vector<Tensor> Reference::run(const Tensor& input) const {
  if (input.shape != network_.layers.front().shape) {
    throw InputDataError({}, fmt::format("an input of {} for a network that takes {}", input.shape.text(),
                                         network_.layers.front().shape.text()));
  }
  std::vector<Tensor> outputs = {input};
  for (std::size_t i = 1; i < network_.layers.size(); ++i) {
    outputs.push_back(layer_output(i, outputs));
    apply(network_.layers[i].activation, outputs.back().values);
  }
  return outputs;
}

}  // namespace lacuna
