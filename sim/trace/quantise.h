#pragma once

#include <cstdint>
#include <vector>

#include "models/eie/layer.h"
#include "models/eie/parameters.h"
#include "sim/trace/trace.h"

namespace lacuna {

/// A trace made ready for one machine: integers in the machine's widths.
struct QuantisedLayer {
  eie::Layer layer;
  std::vector<std::vector<std::int32_t>> activations;  ///< one raw vector of `inputs` per run
};

/// Integer bits of all four formats for a machine: the trace's own where it has them, else the fewest that
/// clip nothing: weights and activations by their largest magnitude (1.0 included in the activations where
/// there is a bias), accumulators and outputs by the largest partial sum, in any vector, of the real-valued
/// products in column order. `overrides` win over the trace. Throws ConfigurationError when bits do not fit a
/// width.
eie::LayerFormats choose_formats(const Trace& trace, const IntegerBits& overrides,
                                 const eie::Parameters& parameters);

/// Quantises codebook and activations (nearest, saturating) for the machine. Source: our choice, contract
/// section 2.
QuantisedLayer quantise_layer(const Trace& trace, const IntegerBits& overrides,
                              const eie::Parameters& parameters);

}  // namespace lacuna
