#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/yaml/scalars.h"

namespace lacuna {

/// Order of the dimensions of an image file.
enum class ImageLayout : std::uint8_t { hwc, chw };

/// `data:`, what runs through a network. Values are multiplied by `scale`, then `offset` is added.
struct DataDescription {
  FilePath npy;
  ImageLayout layout = ImageLayout::hwc;
  FilePath idx;
  FilePath matrix;
  bool normalize_rows = false;
  FilePath labels;
  FilePath node_labels;
  FilePath split;
  std::string part;
  std::optional<std::uint32_t> max_images;
  double scale = 1.0;
  double offset = 0.0;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.file("npy", c.npy, "NumPy file of one image [height, width, channels] or of several [images, ...]");
    v.choice("layout", c.layout, {"hwc", "chw"}, "order of the NumPy file's last three dimensions");
    v.file("idx", c.idx, "IDX file of images (MNIST), plain or gzip");
    v.file("matrix", c.matrix,
           "sparse features of a graph's nodes [nodes, features]: Matrix Market (.mtx) or SciPy (.npz) file");
    v.boolean("normalize_rows", c.normalize_rows, "divides a node's features by their sum");
    v.file("node_labels", c.node_labels, "CSV file of the classes of a graph's nodes: columns node, label");
    v.file("split", c.split, "CSV file of the parts that nodes belong to: columns node, split");
    v.text("part", c.part, "the part whose nodes are classified; default: test");
    v.file("labels", c.labels, "class of each image: NumPy (.npy) or IDX file");
    v.integer("max_images", c.max_images, 1, 1U << 24, "runs at most the first so many images");
    v.real("scale", c.scale, -1e6, 1e6, "factor of every value");
    v.real("offset", c.offset, -1e6, 1e6, "added to every value after scaling");
    v.one_of({"npy", "idx", "matrix"});
    v.only_with("layout", "npy");
    v.only_with("normalize_rows", "matrix");
    v.only_with("split", "node_labels");
    v.only_with("part", "split");
  }
};

/// How a convolution becomes matrix-vector products on EIE (docs/networks.md).
enum class ConvolutionLowering : std::uint8_t {
  im2col,          ///< one product per output pixel, of the whole kernel
  kernel_offsets,  ///< one per output pixel and place in the kernel; the host adds the partial sums
  winograd         ///< 3x3 kernels of stride 1: sixteen per patch of 2x2 output pixels, F(2x2, 3x3)
};

/// Which of a transform and an aggregation over a graph comes first.
enum class AggregationOrder : std::uint8_t { as_written, cheapest };

/// One element of `lowering.layers`: a layer that differs from the rest.
struct LayerLowering {
  std::string name;
  std::optional<ConvolutionLowering> convolution;
  std::optional<std::uint32_t> codebook_index_bits;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("name", c.name, "name of a layer of the network");
    v.choice("convolution", c.convolution, {"im2col", "kernel_offsets", "winograd"},
             "as for all convolutions, for this one");
    v.integer("codebook_index_bits", c.codebook_index_bits, 1, 8, "2^bits shared weights of this layer");
    v.required({"name"});
  }
};

/// `lowering:`, how EIE runs a network.
struct LoweringConfig {
  ConvolutionLowering convolution = ConvolutionLowering::im2col;
  std::uint32_t calibration_images = 16;
  std::uint32_t headroom_bits = 0;
  std::optional<std::uint32_t> timed_images;
  std::uint32_t check_vectors = 0;
  std::optional<bool> leave_out_unused_inputs;
  AggregationOrder aggregation_order = AggregationOrder::as_written;
  std::vector<LayerLowering> layers;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.choice("convolution", c.convolution, {"im2col", "kernel_offsets", "winograd"},
             "how kernels larger than 1x1 become products; winograd where it applies, else im2col");
    v.integer("calibration_images", c.calibration_images, 1, 1U << 20,
              "fixed-point formats clip nothing in the first so many images");
    v.integer("headroom_bits", c.headroom_bits, 0, 16,
              "integer bits more than that, for images that are not among them");
    v.integer("timed_images", c.timed_images, 1, 1U << 24,
              "cycles are simulated for the first so many images, of the others only values; default: all");
    v.integer("check_vectors", c.check_vectors, 0, 1U << 20,
              "vectors of each product that the SystemC engine runs too; any difference is an error");
    v.boolean("leave_out_unused_inputs", c.leave_out_unused_inputs,
              "matrix, im2col: where the host makes a layer's vectors, they are without the inputs that no "
              "weight takes, and the matrix without their columns; default false");
    v.choice("aggregation_order", c.aggregation_order, {"as_written", "cheapest"},
             "graphs: whether a transform and an aggregation that may change places do, A (X W) or (A X) W; "
             "cheapest: where that takes fewer simulated cycles");
    v.list("layers", c.layers, "layers that differ from the rest");
  }
};

}  // namespace lacuna
