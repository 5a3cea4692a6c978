#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/common/quantisation_tally.h"
#include "models/sparse/layer.h"
#include "sim/data/trace/column_reader.h"
#include "sim/data/trace/trace.h"

namespace lacuna {

/// A trace made ready for one machine: integers in the machine's widths.
struct QuantisedLayer {
  sparse::Layer layer;
  std::vector<std::vector<std::int32_t>> activations;  ///< one raw vector of `inputs` per run
  /// What became of the weights (each nonzero of the matrix, the biases among them; each shared weight once
  /// where the inputs say so) and of the activations that came as real numbers.
  QuantisationTally weights;
  QuantisationTally real_activations;
};

/// Where a layer's numbers come from besides its trace.
struct QuantisationInputs {
  ColumnReader* columns = nullptr;          ///< of a matrix that the trace does not hold; null: the trace's
  std::optional<std::uint64_t> most_bytes;  ///< see `largest_partial_sum`
  bool tally_codebook = false;              ///< each shared weight counts once, as often as it occurs or not
  /// Raw ones that another layer computed, and their format; null: the trace's.
  const std::vector<std::vector<std::int32_t>>* activations = nullptr;
  FixedFormat activation_format;
};

/// The formats of a layer on a machine. Integer bits are those of `overrides` (the configuration's), else of
/// the trace, else the fewest, negative ones among them, that clip nothing: weights and activations by their
/// largest magnitude; accumulators and outputs by the largest partial sum, in any vector, of what the machine
/// adds up: products of rounded numbers in column order, negative activations left out where it does not
/// broadcast them. An accumulator has no more fraction bits than the products.
///
/// A bias column is broadcast with 1.0, which the activations' format then holds. Where these are all below
/// 1/4, or 1.0 would be less than their unit, or biases and weights have magnitudes so different that one
/// format cannot serve both, it is another power of two (LayerFormats::bias_exponent), if no weight shares
/// its code with a bias.
///
/// Throws ConfigurationError for integer bits beyond those that formats have, and where the machine's
/// shifters cannot join two formats. Source: our choice, contract section 2.
sparse::LayerFormats choose_formats(const Trace& trace, const IntegerBits& overrides,
                                    const sparse::ValueWidths& widths, const QuantisationInputs& inputs = {});

/// Quantises codebook and activations (nearest, saturating) for the machine. The layer of a matrix that is
/// not held has its shape alone.
QuantisedLayer quantise_layer(const Trace& trace, const IntegerBits& overrides,
                              const sparse::ValueWidths& widths, const QuantisationInputs& inputs = {});

/// The same without the matrix: that of the layer has its shape alone.
QuantisedLayer quantise_numbers(const Trace& trace, const IntegerBits& overrides,
                                const sparse::ValueWidths& widths, const QuantisationInputs& inputs = {});

/// Which codes weights and biases have.
struct CodeUse {
  std::vector<bool> of_biases;  ///< by code; empty without a bias column
  bool shared = false;          ///< some code stands for a weight and for a bias

  /// A bias alone has this code.
  bool only_bias(std::size_t code) const { return !shared && !of_biases.empty() && of_biases[code]; }
};

/// Reads the bias column, and of the others as many as it takes to see whether a code is shared.
CodeUse find_code_use(std::uint32_t inputs, bool has_bias, std::size_t codes, ColumnReader& columns);

/// Magnitudes that decide the formats of weights and activations.
struct OperandRanges {
  double largest_weight = 0.0;  ///< of codes that are not biases' alone
  double largest_bias = 0.0;    ///< of the others; 0 where codes are shared
  double largest_activation = 0.0;
  bool has_bias = false;
  bool shared = false;  ///< as in CodeUse
};

/// What activations must hold: with a bias column also 1.0, unless it has another power of two.
double activation_magnitude(const OperandRanges& ranges);

/// Sets the formats of weights and activations and the bias exponent: as `choose_formats` says, with the
/// formats that are given.
void set_operand_formats(const OperandRanges& ranges, const sparse::ValueWidths& widths,
                         const std::optional<FixedFormat>& weight,
                         const std::optional<FixedFormat>& activation, sparse::LayerFormats& formats);

/// A format of accumulators for sums up to `largest_sum`, and `headroom_bits` more, that the shifter of
/// products reaches.
FixedFormat accumulator_format(double largest_sum, int headroom_bits, int width_bits,
                               const sparse::LayerFormats& formats);

/// A real number for each code, as the layer's formats hold it, to be multiplied by `bias_activation` if it
/// is a bias's, else by an activation; and the raw codebook.
struct HeldCodebook {
  std::vector<std::int32_t> raw;
  std::vector<double> values;
};
HeldCodebook hold_codebook(const std::vector<float>& codebook, const CodeUse& use,
                           const sparse::LayerFormats& formats);

/// What became of the weights of a matrix, each counted as often as `times` says of its code.
QuantisationTally tally_codebook(const std::vector<float>& codebook, const CodeUse& use,
                                 const sparse::LayerFormats& formats,
                                 const std::vector<std::uint64_t>& times);

}  // namespace lacuna
