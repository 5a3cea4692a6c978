#include "sim/data/import/sparse_import.h"

#include <utility>

#include "models/common/error.h"
#include "sim/data/import/matrix_market.h"
#include "sim/data/import/npz_sparse.h"

namespace lacuna {

SparseMatrix read_sparse(const std::string& format, const std::string& path) {
  if (format == "npz") {
    return read_sparse_npz(path);
  }
  if (format == "mtx") {
    return read_matrix_market(path);
  }
  if (format == "smtx") {
    return read_smtx(path);
  }
  throw ConfigurationError({"", 0, "format"}, "\"" + format + "\" is no format of sparse matrices",
                           "npz, mtx or smtx");
}

Trace share_sparse_layer(const SparseMatrix& weights, const std::vector<float>& bias,
                         const KmeansOptions& options) {
  std::vector<float> values = weights.values;
  values.insert(values.end(), bias.begin(), bias.end());
  SharedWeights shared = share_weights(values, options);
  Trace trace;
  trace.has_bias = !bias.empty();
  trace.matrix.rows = weights.rows;
  trace.matrix.columns = weights.columns + (trace.has_bias ? 1U : 0U);
  trace.matrix.column_starts = weights.column_starts;
  trace.matrix.row_indices = weights.row_indices;
  trace.matrix.codes.assign(shared.codes.begin(),
                            shared.codes.begin() + static_cast<std::ptrdiff_t>(weights.values.size()));
  if (trace.has_bias) {
    for (std::uint32_t row = 0; row < weights.rows; ++row) {
      const std::uint8_t code = shared.codes[weights.values.size() + row];
      if (code != 0) {
        trace.matrix.row_indices.push_back(row);
        trace.matrix.codes.push_back(code);
      }
    }
    trace.matrix.column_starts.push_back(trace.matrix.codes.size());
  }
  trace.codebook = std::move(shared.codebook);
  record_sharing(trace, shared, options);
  return trace;
}

Trace import_sparse_layer(const std::string& format, const DenseLayerFiles& files,
                          const KmeansOptions& options, std::uint64_t seed) {
  SparseMatrix weights = read_sparse(format, files.weights);
  if (!weights.has_values) {
    generate_values(weights, seed);
  }
  const std::vector<float> bias = read_bias(files, weights.rows);
  ActivationSet activations = read_activations_npy(files.activations, weights.columns);
  Trace trace = share_sparse_layer(weights, bias, options);
  if (!weights.has_values) {
    trace.provenance["weight_values"] =
        "generated: the file holds positions only; seed " + std::to_string(seed);
  }
  add_layer_files(trace, files, std::move(activations));
  return trace;
}

}  // namespace lacuna
