#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/fewshot/few_shot_recipe.h"
#include "sim/network/network.h"

namespace lacuna {

/// What an array of meta-parameters is.
enum class MetaArrayKind : std::uint8_t {
  kernel,       ///< of a convolution: [outputs][inputs][height][width]
  head,         ///< the last layer: [ways][features], features in the order channel, row, column
  head_bias,    ///< [ways]
  scale,        ///< of a normalisation: [moment sets][channels]
  offset,       ///< likewise
  blend,        ///< [moment sets]: logit of the share of the support images' moments
  kernel_rate,  ///< of the inner steps: [steps]
  head_rate,
  head_bias_rate
};

struct MetaArray {
  MetaArrayKind kind = MetaArrayKind::kernel;
  std::size_t layer = 0;  ///< convolution; 0 for the head
  std::vector<std::int64_t> shape;
  std::size_t offset = 0;  ///< of its first number among all
  std::size_t size = 0;
  bool learns = true;
};

/// Output of a convolution that is padded by half of its kernel.
inline TensorShape output_of(const ConvolutionConfig& layer, const TensorShape& input) {
  return {(input.height - 1) / layer.stride + 1, (input.width - 1) / layer.stride + 1, layer.channels};
}

/// What the outer loop learns, as one list of numbers, and the running moments beside it.
/// A normalisation has a moment set for each number of inner steps done, 0 to `steps`, or one for all.
class MetaLayout {
 public:
  /// Throws ConfigurationError when nothing is left of an image before the last convolution. The convolutions
  /// are padded by half of their kernel.
  MetaLayout(const FewShotConfig& config, const TensorShape& image);

  const std::vector<MetaArray>& arrays() const { return arrays_; }
  std::size_t size() const { return size_; }
  /// Position of an array among `arrays()`; it must be there.
  std::size_t find(MetaArrayKind kind, std::size_t layer = 0) const;
  const TensorShape& image() const { return image_; }
  /// Output of each convolution.
  const std::vector<TensorShape>& shapes() const { return shapes_; }
  /// First running mean of a convolution's moment set; its variances come right behind its means.
  std::size_t moments_at(std::size_t layer, std::size_t set) const;
  std::size_t moments_size() const { return moments_size_; }

  /// Weights uniform between the bounds of Glorot and Bengio (2010), scales 1, offsets and biases 0, the
  /// recipe's rate, and blends of 3/4.
  std::vector<float> first_values(const FewShotConfig& config) const;
  /// Means 0, variances 1.
  std::vector<float> first_moments() const;

 private:
  void add(MetaArrayKind kind, std::size_t layer, std::vector<std::int64_t> shape, bool learns = true);

  TensorShape image_;
  std::vector<TensorShape> shapes_;
  std::vector<MetaArray> arrays_;
  std::size_t size_ = 0;
  std::size_t moment_sets_ = 1;
  std::size_t moments_size_ = 0;
};

}  // namespace lacuna
