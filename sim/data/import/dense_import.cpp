#include "sim/data/import/dense_import.h"

#include <fmt/format.h>

#include "sim/data/import/compress_columns.h"
#include "sim/data/import/record_source.h"

namespace lacuna {
namespace {

/// [outputs, inputs (+ 1)]: the weights with the bias as last column.
std::vector<float> with_bias_column(const DenseMatrix& weights, const std::vector<float>& bias) {
  if (bias.empty()) {
    return weights.values;
  }
  std::vector<float> joined;
  joined.reserve(weights.values.size() + bias.size());
  auto row = weights.values.begin();
  for (const float value : bias) {
    joined.insert(joined.end(), row, row + weights.columns);
    joined.push_back(value);
    row += weights.columns;
  }
  return joined;
}

}  // namespace

void record_sharing(Trace& trace, const SharedWeights& shared, const KmeansOptions& options) {
  trace.provenance["weight_sharing"] =
      fmt::format("k-means, {} initialisation, {} shared values and zero, {} iterations",
                  name_of(options.initialisation), trace.codebook.size() - 1, shared.iterations);
  if (options.initialisation == CentroidInitialisation::random) {
    trace.provenance["weight_sharing"] += fmt::format(", seed {}", options.seed);
  }
  trace.provenance["weight_sharing_mean_squared_error"] = fmt::format("{:.6e}", shared.mean_squared_error);
}

Trace share_dense_layer(const DenseMatrix& weights, const std::vector<float>& bias,
                        const KmeansOptions& options) {
  Trace trace;
  trace.has_bias = !bias.empty();
  SharedWeights shared = share_weights(with_bias_column(weights, bias), options);
  trace.matrix = compress_columns(shared.codes, weights.rows, weights.columns + (trace.has_bias ? 1U : 0U));
  trace.codebook = std::move(shared.codebook);
  record_sharing(trace, shared, options);
  return trace;
}

std::vector<float> read_bias(const DenseLayerFiles& files, std::uint32_t rows) {
  return files.bias.empty() ? std::vector<float>() : read_vector_npy(files.bias, rows);
}

void add_layer_files(Trace& trace, const DenseLayerFiles& files, ActivationSet activations) {
  trace.activations = std::move(activations);
  record_source(trace, "weights", files.weights);
  if (!files.bias.empty()) {
    record_source(trace, "bias", files.bias);
  }
  record_source(trace, "activations", files.activations);
  if (!files.labels.empty()) {
    trace.labels = read_labels_npy(files.labels, trace.activations.vectors);
    record_source(trace, "labels", files.labels);
  }
  check_trace(trace, files.weights);
}

Trace import_dense_layer(const DenseLayerFiles& files, const KmeansOptions& options) {
  const DenseMatrix weights = read_matrix_npy(files.weights);
  const std::vector<float> bias = read_bias(files, weights.rows);
  ActivationSet activations = read_activations_npy(files.activations, weights.columns);
  Trace trace = share_dense_layer(weights, bias, options);
  add_layer_files(trace, files, std::move(activations));
  return trace;
}

}  // namespace lacuna
