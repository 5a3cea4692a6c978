#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/network/network.h"

namespace lacuna {

/// `network:`, the graph.
struct NetworkDescription {
  std::string name;
  std::vector<LayerDescription> layers;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("name", c.name, "name in reports");
    v.list("layers", c.layers,
           "layers, each after those it takes; the first is the input, the last the output");
    v.required({"layers"});
  }
};

/// Order of the dimensions of an image file.
enum class ImageLayout : std::uint8_t { hwc, chw };

/// `data:`, what runs through the network. Values are multiplied by `scale`, then `offset` is added.
struct DataDescription {
  FilePath npy;
  ImageLayout layout = ImageLayout::hwc;
  FilePath idx;
  FilePath labels;
  std::optional<std::uint32_t> max_images;
  double scale = 1.0;
  double offset = 0.0;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.file("npy", c.npy, "NumPy file of one image [height, width, channels] or of several [images, ...]");
    v.choice("layout", c.layout, {"hwc", "chw"}, "order of the NumPy file's last three dimensions");
    v.file("idx", c.idx, "IDX file of images (MNIST), plain or gzip");
    v.file("labels", c.labels, "class of each image: NumPy (.npy) or IDX file");
    v.integer("max_images", c.max_images, 1, 1U << 24, "runs at most the first so many images");
    v.real("scale", c.scale, -1e6, 1e6, "factor of every value");
    v.real("offset", c.offset, -1e6, 1e6, "added to every value after scaling");
    v.one_of({"npy", "idx"});
    v.only_with("layout", "npy");
  }
};

/// A network file. Settings of a machine stand in a section of that machine, by the layers' names.
struct NetworkFile {
  NetworkDescription network;
  std::optional<DataDescription> data;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("network", c.network, "graph of layers");
    v.section("data", c.data, "inputs to run");
    v.required({"network"});
  }
};

/// Reads and checks a network file: YAML, names, order, shapes. Weights and data are not read, but their
/// files must exist. Throws ConfigurationError, or InputDataError for a missing file.
NetworkFile read_network_file(const std::string& path);

/// The graph of a file. Throws ConfigurationError.
Network make_network(const NetworkDescription& description);

/// Both for callers that only want the graph.
Network load_network(const std::string& path);

}  // namespace lacuna
