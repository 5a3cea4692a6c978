#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/sparse/layer.h"
#include "sim/data/trace/column_reader.h"
#include "sim/data/trace/trace.h"

namespace lacuna {

/// A trace made ready for one machine: integers in the machine's widths.
struct QuantisedLayer {
  sparse::Layer layer;
  std::vector<std::vector<std::int32_t>> activations;  ///< one raw vector of `inputs` per run
};

/// Integer bits of all four formats for a machine: the trace's own where it has them, else the fewest that
/// clip nothing: weights and activations by their largest magnitude (1.0 included in the activations where
/// there is a bias), accumulators and outputs by the largest partial sum, in any vector, of the real-valued
/// products in column order. `overrides` win over the trace. Throws ConfigurationError when bits do not fit a
/// width.
sparse::LayerFormats choose_formats(const Trace& trace, const IntegerBits& overrides,
                                    const sparse::ValueWidths& widths);

/// Where the columns of a trace's matrix come from when the trace holds its shape alone.
struct MatrixAccess {
  ColumnReader* columns = nullptr;
  std::optional<std::uint64_t> most_bytes;  ///< see `largest_partial_sum`
};

/// The same formats for a matrix that is not held.
sparse::LayerFormats choose_formats(const Trace& trace, const IntegerBits& overrides,
                                    const sparse::ValueWidths& widths, const MatrixAccess& matrix);

/// Quantises codebook and activations (nearest, saturating) for the machine. Source: our choice, contract
/// section 2.
QuantisedLayer quantise_layer(const Trace& trace, const IntegerBits& overrides,
                              const sparse::ValueWidths& widths);

/// The same without the matrix: that of the layer has its shape alone.
QuantisedLayer quantise_numbers(const Trace& trace, const IntegerBits& overrides,
                                const sparse::ValueWidths& widths);

/// The same for a matrix that is not held: the layer's matrix has its shape alone.
QuantisedLayer quantise_layer(const Trace& trace, const IntegerBits& overrides,
                              const sparse::ValueWidths& widths, const MatrixAccess& matrix);

}  // namespace lacuna
