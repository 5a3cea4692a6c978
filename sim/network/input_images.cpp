#include "sim/network/input_images.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <memory>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>

#include "models/common/error.h"
#include "sim/data/import/matrix_market.h"
#include "sim/data/import/npy_arrays.h"
#include "sim/data/import/npz_sparse.h"
#include "sim/data/random/random_stream.h"

namespace lacuna {
namespace {

constexpr std::uint64_t max_bytes = std::uint64_t{2} << 30;
constexpr std::size_t block_bytes = std::size_t{1} << 20;

[[noreturn]] void refuse(const std::string& path, const std::string& wrong, const std::string& allowed = {}) {
  throw InputDataError({path, 0, ""}, wrong, allowed);
}

struct CloseFile {
  void operator()(gzFile file) const { gzclose(file); }
};
using GzipFile = std::unique_ptr<gzFile_s, CloseFile>;

/// Reads `size` bytes, growing as they arrive: a header that promises too much allocates nothing.
std::vector<unsigned char> read_exactly(const GzipFile& file, std::uint64_t size, const std::string& path) {
  std::vector<unsigned char> bytes;
  while (bytes.size() < size) {
    const std::size_t want =
        static_cast<std::size_t>(std::min<std::uint64_t>(block_bytes, size - bytes.size()));
    const std::size_t before = bytes.size();
    bytes.resize(before + want);
    const int got = gzread(file.get(), bytes.data() + before, static_cast<unsigned>(want));
    if (got < 0) {
      refuse(path, "is damaged", "an IDX file, plain or gzip");
    }
    if (static_cast<std::size_t>(got) < want) {
      refuse(path, "ends too soon", fmt::format("{} bytes as its header says", size));
    }
  }
  return bytes;
}

std::uint32_t big_endian(const unsigned char* bytes) {
  return (std::uint32_t{bytes[0]} << 24) | (std::uint32_t{bytes[1]} << 16) | (std::uint32_t{bytes[2]} << 8) |
         bytes[3];
}

}  // namespace

IdxArray read_idx(const std::string& path) {
  std::error_code error;
  const bool regular = std::filesystem::is_regular_file(path, error);  // opening a pipe may wait for ever
  const GzipFile file(regular ? gzopen(path.c_str(), "rb") : nullptr);
  if (file == nullptr) {
    refuse(path, "cannot be read");
  }
  const std::vector<unsigned char> magic = read_exactly(file, 4, path);
  if (magic[0] != 0 || magic[1] != 0 || magic[2] != 8 || magic[3] < 1 || magic[3] > 4) {
    refuse(path, "is no IDX file of unsigned bytes", "bytes 0, 0, 8 and 1 to 4 dimensions at its beginning");
  }
  IdxArray array;
  std::uint64_t size = 1;
  const std::vector<unsigned char> extents = read_exactly(file, std::uint64_t{4} * magic[3], path);
  for (std::size_t d = 0; d < magic[3]; ++d) {
    array.shape.push_back(big_endian(extents.data() + 4 * d));
    size *= std::min<std::uint64_t>(array.shape.back(), max_bytes);
    if (size == 0 || size > max_bytes) {
      refuse(path, "has an empty or too large dimension", fmt::format("1 to {} bytes", max_bytes));
    }
  }
  array.values = read_exactly(file, size, path);
  unsigned char extra = 0;
  if (gzread(file.get(), &extra, 1) != 0) {
    refuse(path, "is longer than its header says, or its check sum is wrong");
  }
  return array;
}

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
  if (!description.matrix.empty()) {
    read_matrix();
    read_labels(description.labels);
    read_node_labels();
    return;
  }
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
  read_node_labels();
}

namespace {

SparseMatrix features_of(const std::string& path) {
  const std::string extension = std::filesystem::path(path).extension().string();
  if (extension == ".mtx") {
    return read_matrix_market(path);
  }
  if (extension == ".npz") {
    return read_sparse_npz(path);
  }
  refuse(path, "is no file of features", "names that end with .mtx or .npz");
}

}  // namespace

void InputImages::read_matrix() {
  const std::string& path = description_.matrix.resolved;
  files_.push_back(path);
  const SparseMatrix matrix = features_of(path);
  if (shape_.width != 1 || matrix.rows != shape_.height || matrix.columns != shape_.channels) {
    refuse(
        path, fmt::format("is a matrix of {}x{}", matrix.rows, matrix.columns),
        fmt::format("the network's input, {}: height = nodes, width 1, channels = features", shape_.text()));
  }
  Tensor tensor(shape_);
  std::vector<double> sums(matrix.rows, 0.0);
  for (std::size_t i = 0; i < matrix.values.size(); ++i) {
    sums[matrix.row_indices[i]] += static_cast<double>(matrix.values[i]);
  }
  for (std::uint32_t column = 0; column < matrix.columns; ++column) {
    for (std::uint64_t i = matrix.column_starts[column]; i < matrix.column_starts[column + 1U]; ++i) {
      const std::uint32_t row = matrix.row_indices[i];
      if (description_.normalize_rows && sums[row] == 0.0) {
        refuse(path, fmt::format("the features of node {} add up to 0", row), "normalize_rows: false");
      }
      const double value = static_cast<double>(matrix.values[i]);
      tensor.at(row, 0, column) = static_cast<float>(description_.normalize_rows ? value / sums[row] : value);
    }
  }
  for (float& value : tensor.values) {
    value = static_cast<float>(static_cast<double>(value) * description_.scale + description_.offset);
    if (!std::isfinite(value)) {
      refuse(path, "has features that are not finite once they are scaled", "finite numbers");
    }
  }
  size_ = 1;
  array_ = std::make_shared<const std::vector<Tensor>>(1, std::move(tensor));
}

void InputImages::read_node_labels() {
  if (description_.node_labels.empty()) {
    return;
  }
  if (size_ != 1) {
    refuse(description_.node_labels.resolved,
           fmt::format("has labels of nodes, and there are {} inputs", size_),
           "one input, whose pixels are the nodes");
  }
  files_.push_back(description_.node_labels.resolved);
  if (!description_.split.empty()) {
    files_.push_back(description_.split.resolved);
  }
  node_labels_ = lacuna::read_node_labels(description_.node_labels.resolved, description_.split.resolved,
                                          description_.part.empty() ? "test" : description_.part,
                                          static_cast<std::uint32_t>(shape_.pixels()));
}

InputImages::InputImages(std::shared_ptr<const std::vector<Tensor>> tensors, const TensorShape& shape)
    : shape_(shape) {
  for (const Tensor& tensor : *tensors) {
    if (tensor.shape != shape) {
      throw InputDataError({}, fmt::format("an input has the shape {}", tensor.shape.text()), shape.text());
    }
  }
  if (tensors->empty()) {
    throw InputDataError({}, "there is no input", "at least one");
  }
  size_ = tensors->size();
  array_ = std::move(tensors);
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

Tensor random_image(const TensorShape& shape, std::uint64_t seed, std::uint64_t number) {
  RandomStream stream(seed, StreamPurpose::activation_values, number);
  Tensor image(shape);
  for (float& value : image.values) {
    value = static_cast<float>(std::ldexp(static_cast<double>(stream.next()), -31) - 1.0);
  }
  return image;
}

Tensor InputImages::image(std::size_t number) const {
  if (const auto* random = std::get_if<RandomImages>(&array_)) {
    return random_image(shape_, random->seed, number);
  }
  if (const auto* tensors = std::get_if<std::shared_ptr<const std::vector<Tensor>>>(&array_)) {
    return (**tensors)[number];
  }
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
