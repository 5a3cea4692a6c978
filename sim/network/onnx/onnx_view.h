#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace lacuna {

/// A direction of an ONNX tensor's axis through the elements of a layer's output.
struct OnnxPart {
  std::uint64_t extent = 1;
  std::int64_t stride = 0;  ///< in elements of the layer's output; 0: the same element again
  bool is_batch = false;    ///< along the images, which layers do not hold: `stride` means nothing
};

/// An axis is made of parts, the last running fastest; none: its extent is 1.
using OnnxAxis = std::vector<OnnxPart>;

std::uint64_t extent_of(const OnnxAxis& axis);

/// An ONNX tensor as a layer's output [height][width][channels] holds it for one image: which element of the
/// output stands at which index of the tensor. Transposing, reshaping and slicing change the view alone.
struct OnnxView {
  std::size_t layer = 0;  ///< position in the network
  std::int64_t offset = 0;
  std::vector<OnnxAxis> axes;

  std::vector<std::uint64_t> shape() const;
  /// Elements of one image.
  std::uint64_t elements() const;
  /// Whether a part along the images of more than one image belongs to the axis.
  bool is_batch(std::size_t axis) const;
};

/// Whether elements at the same index of both tensors belong to the same image.
bool same_images(const OnnxView& a, const OnnxView& b);

/// The parts of axes in their order, without those along images, neighbours joined where they can be.
std::vector<OnnxPart> joined_parts(const std::vector<OnnxAxis>& axes);

/// Whether the parts take the elements 0, 1, 2, ... of an output of `elements`.
bool is_contiguous(const std::vector<OnnxPart>& joined, std::int64_t offset, std::uint64_t elements);

/// The axes with another shape of as many elements, row-major as ONNX has it; nothing where parts would have
/// to be split unevenly.
std::optional<std::vector<OnnxAxis>> reshaped(const std::vector<OnnxAxis>& axes,
                                              const std::vector<std::uint64_t>& shape);

/// Splits the parts of both axes (of one extent) until they pair up; false where they do not.
bool split_alike(OnnxAxis& a, OnnxAxis& b);

}  // namespace lacuna
