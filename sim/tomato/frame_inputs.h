#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/common/number_format.h"
#include "sim/network/input_images.h"
#include "sim/network/network.h"

namespace lacuna::tomato {

/// The pictures of a run: the network file's data, from the first on and over again, or random ones.
class FrameInputs {
 public:
  FrameInputs(const std::optional<DataDescription>& data, const TensorShape& shape, std::uint64_t seed);

  explicit FrameInputs(InputImages images) : images_(std::move(images)) {}

  /// Picture of frame `number`.
  Tensor picture(std::uint64_t number) const;
  /// The same as mantissas of a format.
  std::vector<std::int32_t> mantissas(std::uint64_t number, const NumberFormat& format) const;
  /// Class of a frame; nothing where there are no labels.
  std::optional<std::int32_t> label(std::uint64_t number) const;
  std::vector<std::string> files() const;
  bool are_random() const { return !images_; }
  std::uint64_t size() const { return images_ ? images_->size() : 0; }

 private:
  std::optional<InputImages> images_;
  TensorShape shape_;
  std::uint64_t seed_ = 1;
};

}  // namespace lacuna::tomato
