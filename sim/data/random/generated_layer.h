#pragma once

#include <cstdint>
#include <string>

#include "sim/data/trace/trace.h"

namespace lacuna {

/// A layer with uniformly random structure. Each weight is nonzero with probability `weight_density`,
/// independently of all others; each activation vector has exactly round(activation_density * inputs)
/// nonzeros.
struct GeneratedLayer {
  std::string name = "generated";
  std::uint32_t rows = 1;    ///< outputs
  std::uint32_t inputs = 1;  ///< columns without the bias
  double weight_density = 0.1;
  double activation_density = 0.3;
  std::uint32_t vectors = 1;
  std::uint64_t seed = 1;
  std::uint32_t codebook_index_bits = 4;  ///< 1 to 8; the codebook has 2^bits values
  bool has_bias = false;                  ///< one more column of the same density behind the inputs
  bool relu = true;

  std::uint32_t columns() const { return inputs + (has_bias ? 1U : 0U); }
};

/// Largest layers that `generate_trace` holds in memory (5 bytes a nonzero, 4 a value).
inline constexpr double max_generated_nonzeros = 6e8;
inline constexpr std::uint64_t max_generated_activations = std::uint64_t{1} << 28;

/// Throws ConfigurationError, naming the key, for values out of range: densities 0 to 1, sizes 1 to 2^31 - 1
/// (columns 2^31 - 1 with the bias), codebook_index_bits 1 to 8, activations in all at most
/// `max_generated_activations`.
void check_generated_layer(const GeneratedLayer& layer);

/// Makes the whole layer. The same specification gives the same trace on every platform. Throws
/// ConfigurationError as `check_generated_layer` does, and when more than `max_generated_nonzeros` are to be
/// expected (nothing is allocated).
Trace generate_trace(const GeneratedLayer& layer);

/// The same without the entries of the matrix, of which only the shape is set: for layers whose columns are
/// generated when they are needed (column_generator.h). There is no bound on the nonzeros.
Trace generate_trace_shape(const GeneratedLayer& layer);

}  // namespace lacuna
