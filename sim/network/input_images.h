#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sim/data/import/npy_file.h"
#include "sim/graph/node_labels.h"
#include "sim/network/network_file.h"

namespace lacuna {

/// An array of bytes from an IDX file (the format of MNIST), C order.
struct IdxArray {
  std::vector<std::uint32_t> shape;
  std::vector<unsigned char> values;
};

/// Reads an IDX file of unsigned bytes with 1 to 4 dimensions, plain or compressed by gzip. At most 2 GiB,
/// compressed or not. Throws InputDataError unless header and content agree exactly.
IdxArray read_idx(const std::string& path);

/// An input whose values are uniform between -1 and 1; the same seed and number give the same.
Tensor random_image(const TensorShape& shape, std::uint64_t seed, std::uint64_t number);

/// Inputs of a network that has none.
struct RandomImages {
  std::size_t images = 1;
  std::uint64_t seed = 1;
};

/// The inputs of a network as its file describes them; each becomes a tensor when it is asked for.
class InputImages {
 public:
  /// Reads the files. Throws InputDataError when they do not hold inputs of this shape.
  InputImages(const DataDescription& description, const TensorShape& shape);
  InputImages(const RandomImages& random, const TensorShape& shape)
      : shape_(shape), array_(random), size_(random.images) {}
  /// Inputs that are not in files. Throws InputDataError when there are none or one has another shape.
  InputImages(std::vector<Tensor> tensors, const TensorShape& shape)
      : InputImages(std::make_shared<const std::vector<Tensor>>(std::move(tensors)), shape) {}
  InputImages(std::shared_ptr<const std::vector<Tensor>> tensors, const TensorShape& shape);

  std::size_t size() const { return size_; }
  Tensor image(std::size_t number) const;
  /// Class of each image; empty where none are given.
  const std::vector<std::int32_t>& labels() const { return labels_; }
  /// Classes of nodes, where the one input is a graph's features; else empty.
  const std::vector<NodeLabel>& node_labels() const { return node_labels_; }
  /// Paths of the files read.
  const std::vector<std::string>& files() const { return files_; }

 private:
  double stored(std::size_t position) const;
  void read_labels(const FilePath& file);
  void read_matrix();
  void read_node_labels();

  DataDescription description_;
  TensorShape shape_;
  std::variant<NpyArray, IdxArray, RandomImages, std::shared_ptr<const std::vector<Tensor>>> array_;
  std::size_t size_ = 0;
  std::vector<std::int32_t> labels_;
  std::vector<NodeLabel> node_labels_;
  std::vector<std::string> files_;
};

}  // namespace lacuna
