#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/network/network.h"

namespace lacuna {

/// Pixels of the input that a window covers: rows top..bottom-1, columns left..right-1.
struct WindowPixels {
  std::size_t top = 0;
  std::size_t bottom = 0;
  std::size_t left = 0;
  std::size_t right = 0;
  std::size_t padded_count = 0;  ///< with those in the padding; what hangs over behind it does not count

  std::size_t count() const { return (bottom - top) * (right - left); }
};

/// The pixels of the window at output position (y, x).
inline WindowPixels window_pixels(const Window& window, const TensorShape& input, std::size_t y,
                                  std::size_t x) {
  const std::size_t first_y = y * window.stride_height;  // in the padded input
  const std::size_t first_x = x * window.stride_width;
  const std::size_t end_y =
      std::min<std::size_t>(first_y + window.height, input.height + window.top + window.bottom);
  const std::size_t end_x =
      std::min<std::size_t>(first_x + window.width, input.width + window.left + window.right);
  const auto clip = [](std::size_t value, std::size_t before, std::size_t size) {
    return std::min(value < before ? 0 : value - before, size);
  };
  return {clip(first_y, window.top, input.height), clip(end_y, window.top, input.height),
          clip(first_x, window.left, input.width), clip(end_x, window.left, input.width),
          (end_y - first_y) * (end_x - first_x)};
}

/// Joins tensors of one height and width by channels.
template <class Value>
TensorOf<Value> concatenated(const TensorShape& shape, const std::vector<const TensorOf<Value>*>& inputs) {
  TensorOf<Value> output(shape);
  auto next = output.values.begin();
  for (std::size_t pixel = 0; pixel < shape.pixels(); ++pixel) {
    for (const TensorOf<Value>* input : inputs) {
      const auto first = input->values.begin() + static_cast<std::ptrdiff_t>(pixel * input->shape.channels);
      next = std::copy(first, first + input->shape.channels, next);
    }
  }
  return output;
}

/// Strings the elements of a tensor in the layer's order.
template <class Value>
TensorOf<Value> flattened(const NetworkLayer& layer, const TensorOf<Value>& input) {
  TensorOf<Value> output(layer.shape);
  if (layer.order == FlattenOrder::hwc) {
    output.values = input.values;
    return output;
  }
  auto next = output.values.begin();
  for (std::size_t channel = 0; channel < input.shape.channels; ++channel) {
    for (std::size_t i = channel; i < input.values.size(); i += input.shape.channels) {
      *next++ = input.values[i];
    }
  }
  return output;
}

/// The positions of the elements that a rearrange layer takes, one after the other.
class RearrangedPositions {
 public:
  /// `rearrangement` must outlive this.
  explicit RearrangedPositions(const Rearrangement& rearrangement)
      : rearrangement_(rearrangement),
        index_(rearrangement.extents.size(), 0),
        position_(rearrangement.offset) {}

  /// The position of the next element; behind the last one the first comes again.
  std::int64_t next() {
    const Rearrangement& r = rearrangement_;
    const std::int64_t position = position_;
    for (std::size_t k = index_.size(); k-- > 0;) {
      position_ += r.strides[k];
      if (++index_[k] < r.extents[k]) {
        break;
      }
      position_ -= r.strides[k] * std::int64_t{r.extents[k]};
      index_[k] = 0;
    }
    return position;
  }

 private:
  const Rearrangement& rearrangement_;
  std::vector<std::uint32_t> index_;
  std::int64_t position_;
};

/// The elements that a rearrange layer takes.
template <class Value>
TensorOf<Value> rearranged(const NetworkLayer& layer, const TensorOf<Value>& input) {
  TensorOf<Value> output(layer.shape);
  RearrangedPositions positions(layer.rearrangement);
  for (Value& value : output.values) {
    value = input.values[static_cast<std::size_t>(positions.next())];
  }
  return output;
}

}  // namespace lacuna
