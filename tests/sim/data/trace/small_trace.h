#pragma once

#include "sim/data/trace/trace.h"

namespace lacuna::test {

/// 4 outputs, 3 inputs and a bias; the second column is empty.
inline Trace small_trace() {
  Trace trace;
  trace.name = "small";
  trace.matrix.rows = 4;
  trace.matrix.columns = 4;
  trace.matrix.column_starts = {0, 2, 2, 3, 5};
  trace.matrix.row_indices = {0, 3, 2, 0, 1};
  trace.matrix.codes = {1, 2, 3, 1, 3};
  trace.has_bias = true;
  trace.relu = false;
  trace.codebook = {0.0F, 0.5F, -1.25F, 2.0F};
  trace.integer_bits.weight = 2;
  trace.integer_bits.output = 5;
  trace.activations = {2, 3, {1.0F, 0.0F, -0.5F, 0.25F, 3.0F, 0.0F}};
  trace.labels = {7, -1};
  trace.provenance = {{"origin", "made up"}, {"licence", "none"}};
  return trace;
}

inline bool same(const Trace& a, const Trace& b) {
  return a.name == b.name && a.matrix.rows == b.matrix.rows && a.matrix.columns == b.matrix.columns &&
         a.matrix.column_starts == b.matrix.column_starts && a.matrix.row_indices == b.matrix.row_indices &&
         a.matrix.codes == b.matrix.codes && a.has_bias == b.has_bias && a.relu == b.relu &&
         a.codebook == b.codebook && a.integer_bits.weight == b.integer_bits.weight &&
         a.integer_bits.activation == b.integer_bits.activation &&
         a.integer_bits.accumulator == b.integer_bits.accumulator &&
         a.integer_bits.output == b.integer_bits.output && a.activations.vectors == b.activations.vectors &&
         a.activations.inputs == b.activations.inputs && a.activations.values == b.activations.values &&
         a.labels == b.labels && a.provenance == b.provenance;
}

}  // namespace lacuna::test
