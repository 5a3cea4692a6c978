#include "sim/data/import/npy_import.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "sim/data/import/input_bytes.h"
#include "sim/data/import/npy_arrays.h"

namespace lacuna {

sparse::CodedMatrix compress_columns(const std::vector<std::uint8_t>& codes, std::uint32_t rows,
                                     std::uint32_t columns) {
  sparse::CodedMatrix matrix;
  matrix.rows = rows;
  matrix.columns = columns;
  std::vector<std::uint64_t> starts(std::size_t{columns} + 1, 0);
  const std::uint8_t* code = codes.data();
  for (std::uint32_t row = 0; row < rows; ++row) {
    for (std::uint32_t column = 0; column < columns; ++column, ++code) {
      starts[std::size_t{column} + 1] += *code != 0 ? 1 : 0;
    }
  }
  for (std::size_t column = 0; column < columns; ++column) {
    starts[column + 1] += starts[column];
  }
  matrix.column_starts = starts;
  matrix.row_indices.resize(starts.back());
  matrix.codes.resize(starts.back());
  code = codes.data();
  for (std::uint32_t row = 0; row < rows; ++row) {
    for (std::uint32_t column = 0; column < columns; ++column, ++code) {
      if (*code != 0) {
        const std::uint64_t place = starts[column]++;
        matrix.row_indices[place] = row;
        matrix.codes[place] = *code;
      }
    }
  }
  return matrix;
}

namespace {

/// [outputs, inputs (+ 1)]: the codes with those of the bias as last column.
std::vector<std::uint8_t> with_bias_column(const std::vector<std::uint8_t>& codes, std::uint32_t columns,
                                           const std::vector<std::uint8_t>& bias) {
  if (bias.empty()) {
    return codes;
  }
  std::vector<std::uint8_t> joined;
  joined.reserve(codes.size() + bias.size());
  auto row = codes.begin();
  for (const std::uint8_t code : bias) {
    joined.insert(joined.end(), row, row + columns);
    joined.push_back(code);
    row += columns;
  }
  return joined;
}

/// "2.31 % (32.7 dB)": root mean square of the errors against that of the nonzero values.
std::string sharing_error(double mean_squared_error, const std::vector<float>& values,
                          const std::vector<float>& more = {}) {
  double power = 0.0;
  std::uint64_t nonzeros = 0;
  for (const std::vector<float>* part : {&values, &more}) {
    for (const float value : *part) {
      power += static_cast<double>(value) * static_cast<double>(value);
      nonzeros += value != 0.0F ? 1 : 0;
    }
  }
  if (mean_squared_error == 0.0 || power == 0.0) {
    return "none";
  }
  const double ratio = mean_squared_error * static_cast<double>(nonzeros) / power;
  return fmt::format("{:.3g} % ({:.1f} dB)", 100.0 * std::sqrt(ratio), -10.0 * std::log10(ratio));
}

}  // namespace

void record_sharing(Trace& trace, const SharedLayerValues& shared, const std::vector<float>& weights,
                    const std::vector<float>& bias, const KmeansOptions& options) {
  const std::size_t of_weights = trace.codebook.size() - 1 - shared.bias_values;
  std::string& text = trace.provenance["weight_sharing"];
  text = fmt::format("k-means, {} initialisation, {} shared values and zero, {} iterations",
                     name_of(options.initialisation), of_weights, shared.weights.iterations);
  if (options.initialisation == CentroidInitialisation::random) {
    text += fmt::format(", seed {}", options.seed);
  }
  const double error = shared.weights.mean_squared_error;
  trace.provenance["weight_sharing_mean_squared_error"] = fmt::format("{:.6e}", error);
  if (shared.bias_values > 0) {
    trace.provenance["weight_sharing_error"] = sharing_error(error, weights);
    trace.provenance["bias_sharing"] = fmt::format("{} values of their own", shared.bias_values);
    trace.provenance["bias_sharing_error"] = sharing_error(shared.bias_mean_squared_error, bias);
    return;
  }
  trace.provenance["weight_sharing_error"] = sharing_error(error, weights, bias);
}

Trace share_dense_layer(const DenseMatrix& weights, const std::vector<float>& bias,
                        const KmeansOptions& options, double activation_power) {
  Trace trace;
  trace.has_bias = !bias.empty();
  SharedLayerValues shared = share_weights_and_biases(weights.values, bias, options, activation_power);
  trace.matrix = compress_columns(with_bias_column(shared.weights.codes, weights.columns, shared.bias_codes),
                                  weights.rows, weights.columns + (trace.has_bias ? 1U : 0U));
  trace.codebook = std::move(shared.weights.codebook);
  record_sharing(trace, shared, weights.values, bias, options);
  return trace;
}

std::vector<float> read_bias(const DenseLayerFiles& files, std::uint32_t rows, std::uint64_t* vanished) {
  return files.bias.empty() ? std::vector<float>() : read_vector_npy(files.bias, rows, vanished);
}

void record_vanished(Trace& trace, const std::string& role, std::uint64_t count) {
  if (count > 0) {
    trace.provenance[role + "_vanished"] = vanished_text(count);
  }
}

void add_layer_files(Trace& trace, const DenseLayerFiles& files, ActivationSet activations) {
  trace.activations = std::move(activations);
  record_source(trace, "weights", files.weights);
  if (!files.bias.empty()) {
    record_source(trace, "bias", files.bias);
  }
  if (!files.activations.empty()) {
    record_source(trace, "activations", files.activations);
  }
  if (!files.labels.empty()) {
    trace.labels = read_labels_npy(files.labels, trace.activations.vectors);
    record_source(trace, "labels", files.labels);
  }
  check_trace(trace, files.weights);
}

namespace {

constexpr std::uint64_t max_columns = (std::uint64_t{1} << 31) - 2;

std::uint32_t rows_of(const sparse::CodedMatrix& matrix, std::optional<std::uint32_t> rows,
                      const std::string& path) {
  if (rows) {
    return *rows;
  }
  if (matrix.row_indices.empty()) {
    throw InputDataError({path, 0, ""}, "holds no nonzero, so that the number of rows is unknown",
                         "at least one, or the number of rows given");
  }
  const std::uint32_t last = *std::max_element(matrix.row_indices.begin(), matrix.row_indices.end());
  if (last >= max_columns) {
    throw InputDataError({path, 0, ""}, "row " + std::to_string(last), "less than 2^31 rows");
  }
  return last + 1;
}

sparse::CodedMatrix read_csc_matrix(const std::string& folder, std::optional<std::uint32_t> rows) {
  sparse::CodedMatrix matrix;
  const NpyArray starts = read_npy(folder + "/indptr.npy");
  matrix.column_starts = to_integers<std::uint64_t>(starts);
  if (matrix.column_starts.size() < 2 || matrix.column_starts.size() > max_columns) {
    throw InputDataError({starts.path, 0, ""}, std::to_string(matrix.column_starts.size()) + " elements",
                         "one more than there are columns, at least one column");
  }
  matrix.columns = static_cast<std::uint32_t>(matrix.column_starts.size() - 1);
  const NpyArray indices = read_npy(folder + "/indices.npy");
  matrix.row_indices = to_integers<std::uint32_t>(indices);
  matrix.codes = to_integers<std::uint8_t>(read_npy(folder + "/codes.npy"));
  matrix.rows = rows_of(matrix, rows, indices.path);
  return matrix;
}

}  // namespace

Trace import_csc_npy(const std::string& folder, std::optional<std::uint32_t> rows) {
  Trace trace;
  trace.matrix = read_csc_matrix(folder, rows);
  const NpyArray codebook = read_npy(folder + "/codebook.npy");
  if (codebook.shape.size() != 1) {
    throw InputDataError({codebook.path, 0, ""}, "is not a list of numbers", "one dimension");
  }
  trace.codebook = to_floats(codebook);
  record_vanished(trace, "codebook", count_vanishing(codebook));
  const NpyArray activations = read_npy(folder + "/activations.npy");
  const std::uint64_t inputs = activations.shape.empty() ? 0 : activations.shape.back();
  trace.has_bias = inputs + 1 == trace.matrix.columns && inputs > 0;
  trace.activations = read_activations_npy(activations.path, trace.inputs());
  record_vanished(trace, "activations", count_vanishing(activations));
  for (const char* role : {"indptr", "indices", "codes", "codebook", "activations"}) {
    record_source(trace, role, folder + "/" + role + ".npy");
  }
  check_trace(trace, folder);
  return trace;
}

}  // namespace lacuna
