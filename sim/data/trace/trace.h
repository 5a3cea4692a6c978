#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/sparse/layer.h"

namespace lacuna {

/// Integer bits of each fixed-point format of a layer (width comes from the machine). Absent: derived from
/// the data.
struct IntegerBits {
  std::optional<int> weight;
  std::optional<int> activation;
  std::optional<int> accumulator;
  std::optional<int> output;
};

/// A batch of activation vectors, real numbers, vector after vector.
struct ActivationSet {
  std::uint32_t vectors = 0;
  std::uint32_t inputs = 0;
  std::vector<float> values;  ///< vectors * inputs
};

/// One compressed layer and what runs through it, as files hold it (docs/file-formats.md): real-valued
/// codebook and activations, so that any machine's widths can be applied later.
struct Trace {
  std::string name;
  sparse::CodedMatrix matrix;  ///< the bias, if any, is the last column
  bool has_bias = false;
  bool relu = true;
  std::vector<float> codebook;  ///< element 0 is 0; 2 to 256 elements
  IntegerBits integer_bits;
  ActivationSet activations;                      ///< inputs = columns without the bias
  std::vector<std::int32_t> labels;               ///< class of each vector; empty if unknown
  std::map<std::string, std::string> provenance;  ///< origin, licence, command and the like

  std::uint32_t inputs() const { return matrix.columns - (has_bias ? 1U : 0U); }
};

/// Throws InputDataError (place: file) unless the trace is consistent: pointers ascend, row indices ascend
/// within a column and lie in range, codes in 1..codebook-1, codebook[0] = 0, finite values, at least one
/// row, input and vector.
void check_trace(const Trace& trace, const std::string& file);

}  // namespace lacuna
