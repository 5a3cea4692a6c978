#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lacuna {

/// The weights of one layer in C order: a matrix [outputs, inputs], or a convolution [outputs, inputs,
/// kernel height, kernel width].
struct WeightTensor {
  std::vector<std::uint32_t> shape;
  std::vector<float> values;

  std::uint32_t outputs() const { return shape.front(); }
  /// Weights of one output: the columns of the layer as a matrix.
  std::uint64_t row_length() const { return values.size() / shape.front(); }
};

/// Most weights of one layer: positions fit 32 bits with room, and no file makes us allocate more.
inline constexpr std::uint64_t max_layer_weights = std::uint64_t{1} << 30;

/// Product of the dimensions. Throws InputDataError (place: file and layer) unless there are two or four,
/// none of them 0, with a product of at most `max_layer_weights`.
std::uint64_t checked_weight_count(const std::vector<std::uint32_t>& shape, const std::string& file,
                                   const std::string& layer);

}  // namespace lacuna
