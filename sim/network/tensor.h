#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

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

}  // namespace lacuna
