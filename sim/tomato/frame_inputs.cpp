#include "sim/tomato/frame_inputs.h"

namespace lacuna::tomato {

FrameInputs::FrameInputs(const std::optional<DataDescription>& data, const TensorShape& shape,
                         std::uint64_t seed)
    : shape_(shape), seed_(seed) {
  if (data) {
    images_.emplace(*data, shape);
  }
}

Tensor FrameInputs::picture(std::uint64_t number) const {
  if (images_) {
    return images_->image(static_cast<std::size_t>(number % images_->size()));
  }
  return random_image(shape_, seed_, number);
}

std::vector<std::int32_t> FrameInputs::mantissas(std::uint64_t number, const NumberFormat& format) const {
  std::vector<std::int32_t> result;
  for (const float value : picture(number).values) {
    result.push_back(static_cast<std::int32_t>(decode(format, encode_nearest(format, value))));
  }
  return result;
}

std::optional<std::int32_t> FrameInputs::label(std::uint64_t number) const {
  if (!images_ || images_->labels().empty()) {
    return std::nullopt;
  }
  return images_->labels()[static_cast<std::size_t>(number % images_->size())];
}

std::vector<std::string> FrameInputs::files() const {
  return images_ ? images_->files() : std::vector<std::string>();
}

}  // namespace lacuna::tomato
