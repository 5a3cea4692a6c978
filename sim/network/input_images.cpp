#include "sim/network/input_images.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/data/import/npy_arrays.h"

namespace lacuna {
namespace {

using Extents = std::vector<std::uint64_t>;

/// Number of images in an array of this shape; a dimension of images and one of a single channel may be
/// missing.
std::size_t image_count(const Extents& shape, const Extents& image, const std::string& path) {
  const auto ends_with = [&](const Extents& end) {
    return shape.size() >= end.size() && std::equal(end.rbegin(), end.rend(), shape.rbegin());
  };
  Extents trimmed = image;  // without dimensions of 1, as vectors and grey images are often stored
  trimmed.erase(std::remove(trimmed.begin(), trimmed.end(), std::uint64_t{1}), trimmed.end());
  for (const Extents& each : {image, trimmed}) {
    if (ends_with(each) && shape.size() <= each.size() + 1) {
      return shape.size() == each.size() ? 1 : shape.front();
    }
  }
  throw InputDataError({path, 0, ""}, fmt::format("has the shape [{}]", fmt::join(shape, ", ")),
                       fmt::format("[images, {}] or one image", fmt::join(image, ", ")));
}

bool is_npy(const FilePath& file) {
  const std::string end = ".npy";
  const std::string& path = file.resolved;
  return path.size() >= end.size() && path.compare(path.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

InputImages::InputImages(const DataDescription& description, const TensorShape& shape)
    : description_(description), shape_(shape) {
  const FilePath& file = description.npy.empty() ? description.idx : description.npy;
  files_.push_back(file.resolved);
  Extents extents;
  if (description.npy.empty()) {
    array_ = read_idx(file.resolved);
    const auto& stored_shape = std::get<IdxArray>(array_).shape;
    extents.assign(stored_shape.begin(), stored_shape.end());
  } else {
    array_ = read_npy(file.resolved);
    extents = std::get<NpyArray>(array_).shape;
  }
  const Extents image = description.layout == ImageLayout::hwc
                            ? Extents{shape.height, shape.width, shape.channels}
                            : Extents{shape.channels, shape.height, shape.width};
  size_ = image_count(extents, image, file.resolved);
  if (description.max_images) {
    size_ = std::min<std::size_t>(size_, *description.max_images);
  }
  if (size_ == 0) {
    throw InputDataError({file.resolved, 0, ""}, "holds no image", "at least one");
  }
  read_labels(description.labels);
}

void InputImages::read_labels(const FilePath& file) {
  if (file.empty()) {
    return;
  }
  files_.push_back(file.resolved);
  if (is_npy(file)) {
    labels_ = to_integers<std::int32_t>(read_npy(file.resolved));
  } else {
    const IdxArray array = read_idx(file.resolved);
    labels_.assign(array.values.begin(), array.values.end());
  }
  if (labels_.size() < size_) {
    throw InputDataError({file.resolved, 0, ""}, fmt::format("holds {} labels", labels_.size()),
                         fmt::format("one for each of {} images", size_));
  }
  labels_.resize(size_);
}

double InputImages::stored(std::size_t position) const {
  if (const auto* idx = std::get_if<IdxArray>(&array_)) {
    return static_cast<double>(idx->values[position]);
  }
  const NpyArray& npy = std::get<NpyArray>(array_);
  return npy.reals.empty() ? static_cast<double>(npy.integers[position]) : npy.reals[position];
}

Tensor InputImages::image(std::size_t number) const {
  Tensor tensor(shape_);
  const std::size_t first = number * shape_.elements();
  for (std::size_t pixel = 0; pixel < shape_.pixels(); ++pixel) {
    for (std::size_t channel = 0; channel < shape_.channels; ++channel) {
      const std::size_t position = description_.layout == ImageLayout::hwc
                                       ? pixel * shape_.channels + channel
                                       : channel * shape_.pixels() + pixel;
      const double value = stored(first + position) * description_.scale + description_.offset;
      if (!std::isfinite(value) ||
          std::fabs(value) > static_cast<double>(std::numeric_limits<float>::max())) {
        throw InputDataError({files_.front(), 0, ""},
                             fmt::format("element {} is not finite", first + position), "finite numbers");
      }
      tensor.values[pixel * shape_.channels + channel] = static_cast<float>(value);
    }
  }
  return tensor;
}

}  // namespace lacuna
