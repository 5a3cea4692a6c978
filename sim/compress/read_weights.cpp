#include <algorithm>
#include <filesystem>

#include "models/common/error.h"
#include "sim/compress/model.h"
#include "sim/data/import/han_net.h"
#include "sim/data/import/input_bytes.h"
#include "sim/data/import/npy_arrays.h"
#include "sim/data/import/npy_import.h"
#include "sim/data/import/sparse_matrix.h"
#include "sim/data/import/weight_matrix.h"
#include "sim/data/trace/trace_file.h"

namespace lacuna {
namespace {

constexpr std::uint64_t pattern_seed = 1;  // of the values of files that hold positions only

ModelLayer layer_of(DenseMatrix matrix) {
  ModelLayer layer;
  layer.weights.shape = {matrix.rows, matrix.columns};
  layer.weights.values = std::move(matrix.values);
  return layer;
}

ModelLayer layer_of_npy(const std::string& path) {
  const NpyArray array = read_npy(path);
  ModelLayer layer;
  for (const std::uint64_t dimension : array.shape) {
    layer.weights.shape.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(dimension, UINT32_MAX)));
  }
  checked_weight_count(layer.weights.shape, path, "");
  layer.weights.values = to_floats(array);
  return layer;
}

ModelLayer layer_of_matrix(const std::string& format, const std::string& path) {
  DenseLayerFiles files;
  files.weights = path;
  WeightMatrix weights = read_weight_matrix(format, files);
  if (auto* dense = std::get_if<DenseMatrix>(&weights)) {
    return layer_of(std::move(*dense));
  }
  auto& matrix = std::get<SparseMatrix>(weights);
  if (!matrix.has_values) {
    generate_values(matrix, pattern_seed);
  }
  return layer_of(to_dense(matrix, path));
}

/// A trace's weights, expanded; its bias column becomes biases.
ModelLayer layer_of_trace(const Trace& trace, const std::string& path) {
  const sparse::CodedMatrix& matrix = trace.matrix;
  ModelLayer layer;
  layer.name = trace.name;
  layer.relu = trace.relu;
  layer.weights.shape = {matrix.rows, trace.inputs()};
  layer.weights.values.assign(checked_weight_count(layer.weights.shape, path, ""), 0.0F);
  layer.biases.assign(trace.has_bias ? matrix.rows : 0, 0.0F);
  for (std::uint32_t column = 0; column < matrix.columns; ++column) {
    for (std::uint64_t i = matrix.column_starts[column]; i < matrix.column_starts[column + 1U]; ++i) {
      const std::uint32_t row = matrix.row_indices[i];
      float& place = column < trace.inputs()
                         ? layer.weights.values[std::uint64_t{row} * trace.inputs() + column]
                         : layer.biases[row];
      place = trace.codebook[matrix.codes[i]];
    }
  }
  layer.activations = trace.activations;
  layer.labels = trace.labels;
  return layer;
}

Model model_of_han_net(const std::string& path) {
  Model model;
  for (const HanNetLayer& source : read_han_net(path, squeezenet_shapes())) {
    ModelLayer layer;
    layer.name = source.shape.name;
    const ConvolutionShape& shape = source.shape;
    layer.weights.shape = {shape.outputs, shape.inputs, shape.kernel_height, shape.kernel_width};
    layer.weights.values.assign(shape.weights(), 0.0F);
    for (std::size_t i = 0; i < source.positions.size(); ++i) {
      layer.weights.values[source.positions[i]] = source.codebook[source.codes[i]];
    }
    layer.biases = source.biases;
    model.layers.push_back(std::move(layer));
  }
  return model;
}

ModelLayer read_layer(const std::string& path, const std::string& ending) {
  if (ending == ".npy") {
    return layer_of_npy(path);
  }
  if (ending == ".npz" || ending == ".mtx" || ending == ".smtx") {
    return layer_of_matrix(ending.substr(1), path);
  }
  if (ending == ".h5") {
    return layer_of_trace(read_trace(path), path);
  }
  if (std::filesystem::is_directory(path)) {
    return layer_of_trace(import_csc_npy(path, {}), path);
  }
  throw ConfigurationError(
      {path, 0, ""}, "\"" + ending + "\" is not the ending of a model",
      ".npy, .npz, .mtx, .smtx (also .gz), .net, .h5, .yaml, or a folder of csc-npy; ONNX models go "
      "through lacuna import onnx, tensors of safetensors and Keras through lacuna import");
}

void add_files(ModelLayer& layer, const LayerFiles& files) {
  if (!files.biases.empty()) {
    layer.biases = read_vector_npy(files.biases, layer.weights.outputs());
  }
  if (!files.activations.empty()) {
    layer.activations =
        read_activations_npy(files.activations, static_cast<std::uint32_t>(layer.weights.row_length()));
    layer.labels.clear();
  }
  if (!files.labels.empty()) {
    if (layer.activations.vectors == 0) {
      throw ConfigurationError({"", 0, "labels"}, "are given without activations", "activations beside them");
    }
    layer.labels = read_labels_npy(files.labels, layer.activations.vectors);
  }
}

}  // namespace

Model read_weights(const std::string& path, const LayerFiles& files) {
  const std::filesystem::path clean = std::filesystem::path(without_gz(path)).lexically_normal();
  const std::string ending = clean.extension().string();
  if (ending == ".net") {
    if (!files.biases.empty() || !files.activations.empty() || !files.labels.empty()) {
      throw ConfigurationError({path, 0, ""},
                               "is a network: biases, activations and labels belong to single layers",
                               "the network's YAML file (configs/networks) for its activations");
    }
    return model_of_han_net(path);
  }
  Model model;
  model.layers.push_back(read_layer(path, ending));
  ModelLayer& layer = model.layers.front();
  add_files(layer, files);
  if (layer.name.empty()) {
    layer.name = (clean.has_filename() ? clean : clean.parent_path()).stem().string();
  }
  return model;
}

}  // namespace lacuna
