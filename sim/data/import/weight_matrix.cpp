#include "sim/data/import/weight_matrix.h"

#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/common/child_process.h"
#include "models/common/error.h"
#include "sim/data/import/matrix_market.h"
#include "sim/data/import/npz_sparse.h"
#include "sim/data/import/safetensors.h"
#include "sim/data/trace/hdf5_in_child.h"

namespace lacuna {
namespace {

NamedTensor tensor_of(const NpyArray& array) {
  return {array.path, array.shape, to_floats(array), count_vanishing(array)};
}

NamedTensor read_hdf5_tensor(const std::string& path, const std::string& name) {
  if (name.empty()) {
    throw ConfigurationError({"", 0, "--tensor"}, "is missing", "the path of the weights within " + path);
  }
  const std::string bytes = hdf5::read_in_child(path, [&name](const hdf5::InputFile& file) {
    const hdf5::NumberArray array = file.tensor(name);
    ByteWriter writer;
    writer.put_all(std::vector<std::uint64_t>(array.dimensions.begin(), array.dimensions.end()));
    writer.put_all(array.values);
    writer.put(array.vanished);
    return writer.take();
  });
  NamedTensor tensor{path + ": " + name, {}, {}, 0};
  hdf5::CheckedReader reader(bytes, path);
  reader.get_all(tensor.shape);
  reader.get_all(tensor.values);
  tensor.vanished = reader.get<std::uint64_t>();
  reader.finish();
  for (std::size_t i = 0; i < tensor.values.size(); ++i) {
    if (!std::isfinite(tensor.values[i])) {
      throw InputDataError({path, 0, name}, fmt::format("element {} is not finite", i),
                           "finite float32 numbers");
    }
  }
  return tensor;
}

WeightMatrix read_npz_weights(const DenseLayerFiles& files) {
  std::variant<SparseMatrix, NpyArray> found = read_npz(files.weights, files.tensor);
  if (auto* sparse = std::get_if<SparseMatrix>(&found)) {
    return std::move(*sparse);
  }
  return to_matrix(tensor_of(std::get<NpyArray>(found)));
}

WeightMatrix read_as_stored(const std::string& format, const DenseLayerFiles& files) {
  if (format == "npy") {
    return read_matrix_npy(files.weights);
  }
  if (format == "npz") {
    return read_npz_weights(files);
  }
  if (format == "mtx") {
    return read_matrix_market(files.weights);
  }
  if (format == "smtx") {
    return read_smtx(files.weights);
  }
  if (format == "safetensors" || format == "hdf5") {
    return to_matrix(read_named_tensor(format, files.weights, files.tensor));
  }
  throw ConfigurationError({"", 0, "format"}, "\"" + format + "\" is no format of matrices",
                           fmt::format("{}", fmt::join(weight_formats(), ", ")));
}

double mean_square(const std::vector<float>& values) {
  double sum = 0.0;
  for (const float value : values) {
    sum += static_cast<double>(value) * static_cast<double>(value);
  }
  return values.empty() ? 0.0 : sum / static_cast<double>(values.size());
}

std::vector<float> read_biases(const std::string& format, const DenseLayerFiles& files, std::uint32_t rows,
                               std::uint64_t* vanished) {
  if (!files.bias_tensor.empty()) {
    NamedTensor tensor = read_named_tensor(format, files.weights, files.bias_tensor);
    *vanished += tensor.vanished;
    return to_vector(std::move(tensor), rows);
  }
  return read_bias(files, rows, vanished);
}

}  // namespace

const std::vector<std::string>& weight_formats() {
  static const std::vector<std::string> formats = {"npy", "npz", "mtx", "smtx", "safetensors", "hdf5"};
  return formats;
}

const std::vector<std::string>& named_tensor_formats() {
  static const std::vector<std::string> formats = {"npz", "safetensors", "hdf5"};
  return formats;
}

NamedTensor read_named_tensor(const std::string& format, const std::string& path, const std::string& name) {
  if (format == "hdf5") {
    return read_hdf5_tensor(path, name);
  }
  if (format == "safetensors") {
    return read_safetensor(path, name);
  }
  const std::variant<SparseMatrix, NpyArray> found = read_npz(path, name);
  if (std::holds_alternative<SparseMatrix>(found)) {
    throw InputDataError({path, 0, name}, "is a sparse matrix", "an array of numpy.savez");
  }
  return tensor_of(std::get<NpyArray>(found));
}

WeightMatrix read_weight_matrix(const std::string& format, const DenseLayerFiles& files) {
  WeightMatrix matrix = read_as_stored(format, files);
  if (files.transpose) {
    return std::visit([](const auto& stored) { return WeightMatrix(transposed(stored)); }, matrix);
  }
  return matrix;
}

Trace import_weight_layer(const std::string& format, const DenseLayerFiles& files,
                          const KmeansOptions& options, std::uint64_t seed) {
  WeightMatrix matrix = read_weight_matrix(format, files);
  const auto [rows, columns] = std::visit(
      [](const auto& m) { return std::pair<std::uint32_t, std::uint32_t>(m.rows, m.columns); }, matrix);
  std::uint64_t vanished_biases = 0;
  const std::vector<float> bias = read_biases(format, files, rows, &vanished_biases);
  std::uint64_t vanished_activations = 0;
  ActivationSet activations =
      files.random_density ? random_activations(files.random_vectors, columns, *files.random_density, seed)
                           : read_activations_npy(files.activations, columns, &vanished_activations);
  const std::uint64_t vanished_weights = std::visit([](const auto& m) { return m.vanished; }, matrix);
  Trace trace;
  if (auto* sparse = std::get_if<SparseMatrix>(&matrix)) {
    const bool has_values = sparse->has_values;
    const std::uint64_t added_entries = sparse->added_entries;
    if (!has_values) {
      generate_values(*sparse, seed);
    }
    trace = share_sparse_layer(std::move(*sparse), bias, options, mean_square(activations.values));
    if (!has_values) {
      trace.provenance["weight_values"] =
          "generated: the file holds positions only; seed " + std::to_string(seed);
    }
    if (added_entries > 0) {
      trace.provenance["weight_duplicates"] =
          fmt::format("{} entries stood at places that had one already, and were added", added_entries);
    }
  } else {
    trace = share_dense_layer(std::get<DenseMatrix>(matrix), bias, options, mean_square(activations.values));
  }
  record_vanished(trace, "weights", vanished_weights);
  record_vanished(trace, "bias", vanished_biases);
  record_vanished(trace, "activations", vanished_activations);
  if (!files.tensor.empty()) {
    trace.provenance["weights_tensor"] = files.tensor;
  }
  if (!files.bias_tensor.empty()) {
    trace.provenance["bias_tensor"] = files.bias_tensor;
  }
  if (files.transpose) {
    trace.provenance["weights_transposed"] = "the file holds [inputs, outputs]";
  }
  if (files.random_density) {
    trace.provenance["activation_values"] =
        fmt::format("generated: density {}, seed {}", *files.random_density, seed);
  }
  add_layer_files(trace, files, std::move(activations));
  return trace;
}

}  // namespace lacuna
