#include <algorithm>
#include <limits>

#include "sim/network/host_math.h"
#include "sim/network/reference.h"
#include "sim/network/window_pixels.h"

namespace lacuna {
namespace {

Tensor pooled(const NetworkLayer& layer, const Tensor& input) {
  const bool average = layer.kind == LayerKind::average_pooling;
  Tensor output(layer.shape);
  std::vector<double> values(layer.outputs());
  for (std::size_t y = 0; y < layer.shape.height; ++y) {
    for (std::size_t x = 0; x < layer.shape.width; ++x) {
      const WindowPixels pixels = window_pixels(layer.window, input.shape, y, x);
      std::fill(values.begin(), values.end(), average ? 0.0 : std::numeric_limits<double>::lowest());
      for (std::size_t py = pixels.top; py < pixels.bottom; ++py) {
        for (std::size_t px = pixels.left; px < pixels.right; ++px) {
          for (std::size_t c = 0; c < values.size(); ++c) {
            const double value = static_cast<double>(input.at(py, px, c));
            values[c] = average ? values[c] + value : std::max(values[c], value);
          }
        }
      }
      const double count = static_cast<double>(layer.count_padding ? pixels.padded_count : pixels.count());
      for (std::size_t c = 0; c < values.size(); ++c) {
        output.at(y, x, c) = static_cast<float>(average ? values[c] / count : values[c]);
      }
    }
  }
  return output;
}

Tensor averaged(const Tensor& input) {
  Tensor output(TensorShape{1, 1, input.shape.channels});
  for (std::size_t c = 0; c < input.shape.channels; ++c) {
    double sum = 0.0;
    for (std::size_t i = c; i < input.values.size(); i += input.shape.channels) {
      sum += static_cast<double>(input.values[i]);
    }
    output.values[c] = static_cast<float>(sum / static_cast<double>(input.shape.pixels()));
  }
  return output;
}

Tensor added(const std::vector<const Tensor*>& inputs) {
  Tensor output = *inputs.front();
  for (std::size_t k = 1; k < inputs.size(); ++k) {
    for (std::size_t i = 0; i < output.values.size(); ++i) {
      output.values[i] += inputs[k]->values[i];
    }
  }
  return output;
}

}  // namespace

void apply(Activation activation, std::vector<float>& values) {
  if (activation == Activation::none) {
    return;
  }
  for (float& value : values) {
    value = std::max(value, 0.0F);
    value = activation == Activation::relu6 ? std::min(value, 6.0F) : value;
  }
}

Tensor weightless_output(const NetworkLayer& layer, const std::vector<const Tensor*>& inputs) {
  const Tensor& input = *inputs.front();
  switch (layer.kind) {
    case LayerKind::max_pooling:
    case LayerKind::average_pooling:
      return pooled(layer, input);
    case LayerKind::global_average_pooling:
      return averaged(input);
    case LayerKind::add:
      return added(inputs);
    case LayerKind::concat:
      return concatenated(layer.shape, inputs);
    case LayerKind::flatten:
      return flattened(layer, input);
    default:
      break;
  }
  Tensor output = input;
  if (layer.kind == LayerKind::softmax) {
    for (std::size_t pixel = 0; pixel < input.shape.pixels(); ++pixel) {
      const auto first = output.values.begin() + static_cast<std::ptrdiff_t>(pixel * input.shape.channels);
      const std::vector<float> values = softmax({first, first + input.shape.channels});
      std::copy(values.begin(), values.end(), first);
    }
  } else if (layer.kind == LayerKind::relu || layer.kind == LayerKind::relu6) {
    apply(layer.kind == LayerKind::relu ? Activation::relu : Activation::relu6, output.values);
  }
  return output;
}

}  // namespace lacuna
