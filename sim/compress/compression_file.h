#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/compress/prune.h"
#include "sim/compress/represent.h"
#include "sim/yaml/scalars.h"

namespace lacuna {

/// `prune:`, which weights go.
struct PruneConfig {
  std::optional<double> threshold;
  std::optional<double> quality;
  std::optional<double> density;
  PruneGranularity granularity = PruneGranularity::element;
  std::optional<std::uint32_t> vector_length;
  std::optional<std::uint32_t> balance_pe_count;

  /// As the pruner takes them.
  PruneOptions options() const;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.real("threshold", c.threshold, 0.0, 1e9, "magnitudes up to this go");
    v.real("quality", c.quality, 0.0, 1e6,
           "magnitudes up to this times the standard deviation of the layer's weights go");
    v.real("density", c.density, 0.0, 1.0, "share of the weights that stays");
    v.choice("granularity", c.granularity, {"element", "vector", "kernel", "filter"},
             "what stays or goes as a whole");
    v.integer("vector_length", c.vector_length, 1, 65536,
              "weights of a vector; default: the width of a kernel (convolutions only)");
    v.integer("balance_pe_count", c.balance_pe_count, 1, 1024,
              "as many weights stay in each of so many PEs; default: wherever they are");
    v.one_of({"threshold", "quality", "density"});
  }
};

/// `representation:`, what the weights become.
struct RepresentationConfig {
  Representation kind = Representation::codebook;
  std::uint32_t weight_bits = 4;
  CentroidInitialisation initialisation = CentroidInitialisation::linear;
  std::uint64_t seed = 1;

  RepresentationOptions options() const { return {kind, weight_bits, initialisation, seed}; }

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.choice("kind", c.kind, {"codebook", "fixed", "dynamic_fixed", "shift", "focused", "ternary", "binary"},
             "shared values by k-means, or a number format");
    v.integer(
        "weight_bits", c.weight_bits, 1, 16,
        "bits of a code: codebook 1 to 8, fixed and dynamic_fixed 2 to 16, shift 3 to 7, focused 4 to 8");
    v.choice("initialisation", c.initialisation, centroid_initialisation_names,
             "codebook: where k-means starts");
    v.integer("seed", c.seed, 0, UINT64_MAX, "of random initialisation and of the components of focused");
  }
};

/// One element of `compression.layers`: settings of the layer of that name, in place of the general ones.
struct LayerCompressionConfig {
  std::string name;
  std::optional<PruneConfig> prune;
  std::optional<RepresentationConfig> representation;
  std::optional<std::uint32_t> index_bits;
  bool skip = false;
  ErrorPlace place;  ///< of the element

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("name", c.name, "name of a layer of the model");
    v.section("prune", c.prune, "which weights go");
    v.section("representation", c.representation, "what the weights become");
    v.integer("index_bits", c.index_bits, 1, 16, "bits of a relative index");
    v.boolean("skip", c.skip, "whether the layer stays as it is and out of the table");
    v.required({"name"});
  }
};

/// `compression:`, how a model is compressed.
struct CompressionConfig {
  FilePath model;
  FilePath biases;
  FilePath activations;
  FilePath labels;
  FilePath machine;
  std::optional<PruneConfig> prune;
  RepresentationConfig representation;
  std::uint32_t index_bits = 4;
  std::uint32_t max_vectors = 256;
  std::vector<LayerCompressionConfig> layers;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.file("model", c.model,
           "weights of a layer (npy, npz, mtx, smtx, h5, csc-npy folder), Han's .net, or a network (YAML)");
    v.file("biases", c.biases, "single layer: biases [outputs] (npy)");
    v.file("activations", c.activations, "single layer: input vectors [vectors, inputs] (npy)");
    v.file("labels", c.labels, "single layer: class of each vector (npy)");
    v.file("machine", c.machine, "architecture (YAML) on which the layers' cycles are measured");
    v.section("prune", c.prune, "which weights go; default: none");
    v.section("representation", c.representation, "what the weights become");
    v.integer("index_bits", c.index_bits, 1, 16, "bits of a relative index");
    v.integer("max_vectors", c.max_vectors, 1, 1U << 20,
              "activation vectors of a layer that errors and cycles are measured on, evenly spaced");
    v.list("layers", c.layers, "layers with settings of their own");
    v.required({"model"});
    v.only_with("labels", "activations");
  }
};

/// A compression recipe.
struct CompressionFile {
  CompressionConfig compression;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("compression", c.compression, "how a model is compressed");
    v.required({"compression"});
  }
};

/// Whether what is to be compressed is written in YAML: a network or a recipe.
bool is_yaml(const std::string& path);

/// Reads and checks a recipe, from a file or a document. Throws ConfigurationError.
CompressionConfig load_compression(const std::string& path);
CompressionConfig read_compression(const YamlNode& document);

}  // namespace lacuna
