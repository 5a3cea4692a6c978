#include "sim/cli/import_layer.h"

#include <cstdint>
#include <string>
#include <vector>

#include "sim/compress/container.h"
#include "sim/compress/layer_trace.h"
#include "sim/data/import/han_net.h"
#include "sim/data/import/input_bytes.h"
#include "sim/data/import/kmeans.h"
#include "sim/data/import/npy_import.h"
#include "sim/data/import/sparse_matrix.h"
#include "sim/network/onnx/onnx_network.h"

namespace lacuna::cli {
namespace {

[[noreturn]] void refuse_layer(const std::string& wanted, const std::vector<std::string>& names) {
  refuse_option("--layer", "there is no layer \"" + wanted + "\"",
                CLI::detail::join(names, ", ").substr(0, 2000));
}

CentroidInitialisation centroid_initialisation(const std::string& name) {
  if (name == "density") {
    return CentroidInitialisation::density;
  }
  return name == "random" ? CentroidInitialisation::random : CentroidInitialisation::linear;
}

KmeansOptions kmeans_options(const ImportOptions& options) {
  KmeansOptions kmeans;
  kmeans.shared_values = (1U << options.codebook_index_bits) - 1;
  kmeans.initialisation = centroid_initialisation(options.initialisation);
  kmeans.seed = options.seed;
  return kmeans;
}

/// A fully connected layer of an ONNX model.
Trace share_onnx_layer(const Network& network, const NetworkLayer& layer, const ImportOptions& options) {
  if (layer.kind != LayerKind::fully_connected) {
    refuse_option("--layer", options.layer + " is no matrix", "a Gemm or MatMul");
  }
  const DenseMatrix weights{layer.outputs(),
                            static_cast<std::uint32_t>(network.input_of(layer).shape.elements()),
                            layer.weights->values};
  Trace trace = share_dense_layer(weights, layer.weights->bias, kmeans_options(options));
  trace.name = layer.name;
  trace.relu = layer.activation == Activation::relu;
  DenseLayerFiles files = options.files;
  files.weights = options.input;
  add_layer_files(trace, files, read_activations_npy(files.activations, weights.columns));
  return trace;
}

Trace import_onnx_layer(const ImportOptions& options) {
  const Network network = read_onnx(options.input);
  std::vector<std::string> names;
  for (const NetworkLayer& layer : network.layers) {
    if (layer.name == options.layer) {
      return share_onnx_layer(network, layer, options);
    }
    names.push_back(layer.name);
  }
  refuse_layer(options.layer, names);
}

/// The trace of a compressed layer with its activations.
Trace trace_container_layer(const CompressedLayer& layer, const ImportOptions& options) {
  const auto inputs = static_cast<std::uint32_t>(layer.weights() / layer.shape.front());
  const ActivationSet activations = read_activations_npy(options.files.activations, inputs);
  std::vector<std::int32_t> labels;
  if (!options.files.labels.empty()) {
    labels = read_labels_npy(options.files.labels, activations.vectors);
  }
  Trace trace = trace_of(layer, activations, labels);
  record_source(trace, "weights", options.input);
  record_source(trace, "activations", options.files.activations);
  return trace;
}

Trace import_container_layer(const ImportOptions& options) {
  std::vector<std::string> names;
  for (const CompressedLayer& layer : read_container(options.input)) {
    if (layer.name == options.layer) {
      return trace_container_layer(layer, options);
    }
    names.push_back(layer.name);
  }
  refuse_layer(options.layer, names);
}

}  // namespace

Trace import_layer(const ImportOptions& options) {
  if (options.format == "container") {
    return import_container_layer(options);
  }
  if (options.format == "onnx") {
    return import_onnx_layer(options);
  }
  if (options.format == "csc-npy") {
    return import_csc_npy(options.input, options.rows);
  }
  if (options.format == "han-net") {
    return import_han_net(options.input, options.layer, options.files.activations,
                          options.leave_out_bias ? BiasHandling::leave_out : BiasHandling::share);
  }
  DenseLayerFiles files = options.files;
  files.weights = options.input;
  if (options.format != "npy") {
    return import_sparse_layer(options.format, files, kmeans_options(options), options.seed);
  }
  return import_dense_layer(files, kmeans_options(options));
}

}  // namespace lacuna::cli
