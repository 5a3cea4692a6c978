#include "sim/data/random/generated_layer.h"

#include <cmath>
#include <limits>
#include <vector>

#include "models/common/error.h"
#include "models/common/large_pages.h"
#include "sim/data/random/column_generator.h"
#include "sim/data/random/random_stream.h"

namespace lacuna {
namespace {

constexpr auto max_size = static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max());

void require(bool right, const GeneratedLayer& layer, const char* key, const std::string& wrong,
             const std::string& allowed) {
  if (!right) {
    throw ConfigurationError({"", 0, "layer " + layer.name + ": " + key}, wrong, allowed);
  }
}

void check_size(const GeneratedLayer& layer, const char* key, std::uint32_t value, std::uint32_t most) {
  require(value >= 1 && value <= most, layer, key, std::to_string(value), "1 to " + std::to_string(most));
}

void check_density(const GeneratedLayer& layer, const char* key, double value) {
  require(value >= 0.0 && value <= 1.0, layer, key, std::to_string(value), "0 to 1");
}

sparse::CodedMatrix generate_matrix(const GeneratedLayer& layer) {
  const ColumnGenerator generator(layer);
  const double expected = layer.weight_density * layer.rows * layer.columns();
  sparse::CodedMatrix matrix;
  matrix.rows = layer.rows;
  matrix.columns = layer.columns();
  matrix.column_starts.reserve(std::size_t{matrix.columns} + 1);
  const auto room = static_cast<std::size_t>(expected + 4.0 * std::sqrt(expected) + 16.0);
  reserve_large(matrix.row_indices, room);
  reserve_large(matrix.codes, room);
  for (std::uint32_t column = 0; column < matrix.columns; ++column) {
    const std::size_t start = matrix.row_indices.size();
    generator.append_rows(column, matrix.row_indices);
    generator.append_codes(column, matrix.row_indices.size() - start, matrix.codes);
    matrix.column_starts.push_back(matrix.row_indices.size());
  }
  return matrix;
}

/// 0, then random signs and magnitudes: multiples of 2^-15 below 1.
std::vector<float> generate_codebook(const GeneratedLayer& layer) {
  RandomStream stream(layer.seed, StreamPurpose::codebook, 0);
  std::vector<float> codebook(std::size_t{1} << layer.codebook_index_bits, 0.0F);
  for (std::size_t i = 1; i < codebook.size(); ++i) {
    const float magnitude = static_cast<float>(1 + stream.below(32767)) / 32768.0F;
    codebook[i] = stream.below(2) == 0 ? magnitude : -magnitude;
  }
  return codebook;
}

}  // namespace

void check_generated_layer(const GeneratedLayer& layer) {
  check_size(layer, "outputs", layer.rows, max_size);
  check_size(layer, "inputs", layer.inputs, max_size - (layer.has_bias ? 1 : 0));
  check_size(layer, "vectors", layer.vectors, max_size);
  check_size(layer, "codebook_index_bits", layer.codebook_index_bits, 8);
  check_density(layer, "weight_density", layer.weight_density);
  check_density(layer, "activation_density", layer.activation_density);
  require(
      std::uint64_t{layer.vectors} * layer.inputs <= max_generated_activations, layer, "vectors",
      std::to_string(layer.vectors) + " vectors of " + std::to_string(layer.inputs) + " inputs are too many",
      "at most " + std::to_string(max_generated_activations) + " activations in all");
}

Trace generate_trace_shape(const GeneratedLayer& layer) {
  check_generated_layer(layer);
  Trace trace;
  trace.name = layer.name;
  trace.has_bias = layer.has_bias;
  trace.relu = layer.relu;
  trace.matrix.rows = layer.rows;
  trace.matrix.columns = layer.columns();
  trace.codebook = generate_codebook(layer);
  trace.activations = generate_activations(layer);
  trace.provenance["origin"] = "generated, uniformly random";
  trace.provenance["seed"] = std::to_string(layer.seed);
  return trace;
}

Trace generate_trace(const GeneratedLayer& layer) {
  check_generated_layer(layer);
  const double expected = layer.weight_density * layer.rows * layer.columns();
  require(expected <= max_generated_nonzeros, layer, "weight_density",
          std::to_string(static_cast<std::uint64_t>(expected)) + " nonzeros are to be expected",
          "at most " + std::to_string(static_cast<std::uint64_t>(max_generated_nonzeros)));
  Trace trace = generate_trace_shape(layer);
  trace.matrix = generate_matrix(layer);
  return trace;
}

}  // namespace lacuna
