#include "sim/cost/window_inputs.h"

#include "sim/network/window_pixels.h"

namespace lacuna {
namespace {

/// Of the window at output position (y, x).
void for_window(const NetworkLayer& layer, const Tensor& input, std::size_t y, std::size_t x,
                const WindowVisitor& visit) {
  const Window& window = layer.window;
  const std::size_t group_inputs = input.shape.channels / layer.groups;
  const WindowPixels pixels = window_pixels(window, input.shape, y, x);
  for (std::size_t row = pixels.top; row < pixels.bottom; ++row) {
    const std::size_t kernel_row = row + window.top - y * window.stride_height;
    for (std::size_t column = pixels.left; column < pixels.right; ++column) {
      const std::size_t kernel_column = column + window.left - x * window.stride_width;
      const std::size_t first = (kernel_row * window.width + kernel_column) * group_inputs;
      for (std::size_t channel = 0; channel < input.shape.channels; ++channel) {
        visit(channel / group_inputs, first + channel % group_inputs, input.at(row, column, channel));
      }
    }
  }
}

}  // namespace

void for_window_inputs(const NetworkLayer& layer, const Tensor& input, const WindowVisitor& visit) {
  if (layer.kind == LayerKind::fully_connected) {
    for (std::size_t i = 0; i < input.values.size(); ++i) {
      visit(0, i, input.values[i]);
    }
    return;
  }
  for (std::size_t y = 0; y < layer.shape.height; ++y) {
    for (std::size_t x = 0; x < layer.shape.width; ++x) {
      for_window(layer, input, y, x, visit);
    }
  }
}

}  // namespace lacuna
