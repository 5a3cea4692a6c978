#include "sim/compress/layer_trace.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/data/import/joint_codebook.h"

namespace lacuna {
namespace {

constexpr std::size_t most_values = 256;  // of a trace's codebook, zero included
constexpr std::uint64_t most_columns = std::uint64_t{1} << 24;

/// The codes that occur, ascending by value, and what they stand for.
struct UsedCodes {
  std::vector<float> codebook = {0.0F};
  std::vector<std::uint64_t> uses = {0};
  std::vector<std::uint8_t> place;  ///< in the codebook, by stored code
};

UsedCodes used_codes(const CompressedLayer& layer, const SparseCodes& sparse) {
  const std::vector<float> values = value_table(layer.code);
  std::vector<std::uint64_t> counts(values.size(), 0);
  for (const std::uint16_t code : sparse.codes) {
    ++counts[code];
  }
  std::vector<std::uint16_t> order;
  for (std::size_t code = 1; code < counts.size(); ++code) {
    if (counts[code] > 0) {
      order.push_back(static_cast<std::uint16_t>(code));
    }
  }
  if (order.size() >= most_values) {
    throw InputDataError({"", 0, layer.name}, std::to_string(order.size()) + " different weights",
                         "at most 255, the most that a codebook holds beside zero");
  }
  std::stable_sort(order.begin(), order.end(),
                   [&values](std::uint16_t a, std::uint16_t b) { return values[a] < values[b]; });
  UsedCodes used;
  used.place.assign(values.size(), 0);
  for (const std::uint16_t code : order) {
    used.place[code] = static_cast<std::uint8_t>(used.codebook.size());
    used.codebook.push_back(values[code]);
    used.uses.push_back(counts[code]);
  }
  if (used.codebook.size() == 1) {
    used.codebook.push_back(0.0F);  // a codebook has at least one value, if only a zero
    used.uses.push_back(0);
  }
  return used;
}

/// Sparse codes in C order as compressed columns; `biases` (codes, one for each row, or none) come last.
sparse::CodedMatrix matrix_of(const SparseCodes& sparse, const std::vector<std::uint8_t>& places,
                              const std::vector<std::uint8_t>& biases, std::uint32_t rows,
                              std::uint32_t inputs) {
  sparse::CodedMatrix matrix;
  matrix.rows = rows;
  matrix.columns = inputs + (biases.empty() ? 0U : 1U);
  std::vector<std::uint64_t> starts(std::size_t{matrix.columns} + 1, 0);
  for (const std::uint32_t position : sparse.positions) {
    ++starts[position % inputs + 1];
  }
  for (const std::uint8_t bias : biases) {
    starts.back() += bias != 0 ? 1 : 0;
  }
  for (std::size_t column = 0; column < matrix.columns; ++column) {
    starts[column + 1] += starts[column];
  }
  matrix.column_starts = starts;
  matrix.row_indices.resize(starts.back());
  matrix.codes.resize(starts.back());
  const auto put = [&](std::uint32_t row, std::uint32_t column, std::uint8_t code) {
    matrix.row_indices[starts[column]] = row;
    matrix.codes[starts[column]++] = code;
  };
  for (std::size_t i = 0; i < sparse.positions.size(); ++i) {
    put(sparse.positions[i] / inputs, sparse.positions[i] % inputs, places[sparse.codes[i]]);
  }
  for (std::uint32_t row = 0; row < biases.size(); ++row) {
    if (biases[row] != 0) {
      put(row, inputs, biases[row]);
    }
  }
  return matrix;
}

}  // namespace

Trace trace_of(const CompressedLayer& layer, const ActivationSet& activations,
               const std::vector<std::int32_t>& labels) {
  const std::uint64_t weights = checked_weight_count(layer.shape, "", layer.name);
  const std::uint64_t inputs = weights / layer.shape.front();
  if (inputs > most_columns) {
    throw InputDataError({"", 0, layer.name}, std::to_string(inputs) + " columns",
                         "at most " + std::to_string(most_columns));
  }
  const SparseCodes sparse = from_relative(layer.entries, layer.index_bits, weights);
  UsedCodes used = used_codes(layer, sparse);
  Trace trace;
  trace.name = layer.name;
  trace.relu = layer.relu;
  trace.activations = activations;
  trace.labels = labels;
  trace.has_bias = !layer.biases.empty();
  std::vector<std::uint8_t> biases;
  if (trace.has_bias) {
    const std::size_t values = std::size_t{1} << std::min(layer.code.stored_bits(), 8U);
    const JointCodebook joint = join_codebook(used.codebook, used.uses, layer.biases, values);
    for (std::uint8_t& place : used.place) {
      place = joint.weight_codes[place];
    }
    biases = joint.bias_codes;
    used.codebook = joint.codebook;
    trace.provenance["bias_largest_error"] = fmt::format("{:.6e}", joint.largest_bias_error);
    trace.provenance["bias_weight_largest_error"] = fmt::format("{:.6e}", joint.largest_weight_error);
    trace.provenance["bias_merges"] = std::to_string(joint.merges);
  }
  trace.codebook = used.codebook;
  trace.matrix =
      matrix_of(sparse, used.place, biases, layer.shape.front(), static_cast<std::uint32_t>(inputs));
  trace.provenance["weights"] = layer.code.text();
  check_trace(trace, layer.name);
  return trace;
}

}  // namespace lacuna
