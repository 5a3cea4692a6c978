#include "sim/data/trace/quantise.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <string>

#include "models/common/error.h"
#include "models/common/vector_clones.h"
#include "sim/data/trace/partial_sums.h"

namespace lacuna {
namespace {

/// The format of `width` with the bits given by the override, else by the trace, if either gives any.
std::optional<FixedFormat> given_format(const std::optional<int>& override_bits,
                                        const std::optional<int>& trace_bits, std::uint32_t width,
                                        const Trace& trace, const char* key) {
  const std::optional<int>& bits = override_bits ? override_bits : trace_bits;
  if (!bits) {
    return std::nullopt;
  }
  if (*bits < least_integer_bits || *bits > most_integer_bits) {
    throw ConfigurationError({"", 0, "layer " + trace.name + ": " + key},
                             std::to_string(*bits) + " integer bits",
                             std::to_string(least_integer_bits) + " to " + std::to_string(most_integer_bits));
  }
  return FixedFormat{static_cast<int>(width), *bits};
}

FixedFormat derived_format(double max_magnitude, int width_bits, int headroom_bits = 0) {
  return {width_bits,
          std::min(integer_bits_for(max_magnitude, width_bits) + headroom_bits, most_integer_bits)};
}

/// The bias exponent nearest to 0 with which the largest bias neither widens the weights' format nor has
/// fewer than half of its bits, among those that an activation can be.
int bias_exponent_for(const OperandRanges& ranges, const FixedFormat& weight, const FixedFormat& activation) {
  int exponent = 0;
  if (ranges.largest_bias > 0.0) {
    const int least = integer_bits_for(ranges.largest_bias, weight.width_bits) - weight.integer_bits;
    exponent = std::clamp(0, least, least + weight.width_bits / 2);
  }
  return std::clamp(exponent, -activation.fraction_bits(), activation.integer_bits - 1);
}

}  // namespace

double activation_magnitude(const OperandRanges& ranges) {
  // Activations below this would lose more than two bits to 1.0.
  constexpr double near_one = 0.25;
  const double largest = ranges.largest_activation;
  const bool holds_one = ranges.has_bias && (ranges.shared || largest == 0.0 || largest >= near_one);
  return holds_one ? std::max(largest, 1.0) : largest;
}

void set_operand_formats(const OperandRanges& ranges, const sparse::ValueWidths& widths,
                         const std::optional<FixedFormat>& weight,
                         const std::optional<FixedFormat>& activation, sparse::LayerFormats& formats) {
  const auto weight_width = static_cast<int>(widths.weight_bits);
  formats.activation = activation.value_or(
      derived_format(activation_magnitude(ranges), static_cast<int>(widths.activation_bits)));
  const double weights = ranges.largest_weight > 0.0 ? ranges.largest_weight : ranges.largest_bias;
  formats.weight = weight.value_or(derived_format(weights, weight_width));
  formats.bias_exponent = 0;
  if (ranges.has_bias && !ranges.shared) {
    formats.bias_exponent = bias_exponent_for(ranges, formats.weight, formats.activation);
    const double bias_weight = std::ldexp(ranges.largest_bias, -formats.bias_exponent);
    formats.weight =
        weight.value_or(derived_format(std::max(ranges.largest_weight, bias_weight), weight_width));
  }
}

FixedFormat accumulator_format(double largest_sum, int headroom_bits, int width_bits,
                               const sparse::LayerFormats& formats) {
  sparse::LayerFormats chosen = formats;
  chosen.accumulator = derived_format(largest_sum, width_bits, headroom_bits);
  const int shift = chosen.product_shift();
  chosen.accumulator.integer_bits += std::clamp(shift, 0, chosen.most_product_shift()) - shift;
  return chosen.accumulator;
}

CodeUse find_code_use(std::uint32_t inputs, bool has_bias, std::size_t codes, ColumnReader& columns) {
  CodeUse use;
  if (!has_bias) {
    return use;
  }
  use.of_biases.resize(codes);
  const CodedColumn biases = columns.read(inputs);
  for (std::size_t e = 0; e < biases.size; ++e) {
    use.of_biases[biases.codes[e]] = true;
  }
  for (std::uint32_t column = 0; column < inputs && !use.shared; ++column) {
    const CodedColumn read = columns.read(column);
    use.shared = std::any_of(read.codes, read.codes + read.size,
                             [&](std::uint8_t code) { return bool{use.of_biases[code]}; });
  }
  return use;
}

namespace {

/// The value to be held for a code.
double wanted_weight(const std::vector<float>& codebook, std::size_t code, const CodeUse& use,
                     const sparse::LayerFormats& formats) {
  const auto value = static_cast<double>(codebook[code]);
  return use.only_bias(code) ? std::ldexp(value, -formats.bias_exponent) : value;
}

}  // namespace

HeldCodebook hold_codebook(const std::vector<float>& codebook, const CodeUse& use,
                           const sparse::LayerFormats& formats) {
  HeldCodebook held;
  for (std::size_t code = 0; code < codebook.size(); ++code) {
    const std::int64_t raw = quantise(wanted_weight(codebook, code, use, formats), formats.weight);
    held.raw.push_back(static_cast<std::int32_t>(raw));
    held.values.push_back(to_real(raw, formats.weight));
  }
  return held;
}

QuantisationTally tally_codebook(const std::vector<float>& codebook, const CodeUse& use,
                                 const sparse::LayerFormats& formats,
                                 const std::vector<std::uint64_t>& times) {
  QuantisationTally tally;
  for (std::size_t code = 0; code < codebook.size(); ++code) {
    const double wanted = wanted_weight(codebook, code, use, formats);
    const double back = use.only_bias(code) ? std::ldexp(1.0, formats.bias_exponent) : 1.0;
    const double held = to_real(quantise(wanted, formats.weight), formats.weight) * back;
    tally.add(static_cast<double>(codebook[code]), held, clips(wanted, formats.weight), times[code]);
  }
  return tally;
}

namespace {

constexpr std::size_t code_lanes = 64;
constexpr std::size_t code_block = 255 * code_lanes;

/// Adds to `counts` how often each code from 1 on stands in a block. For few codes, each is counted by itself
/// in bytes, side by side.
LACUNA_VECTOR_CLONES void count_few_codes(const std::uint8_t* block, std::uint64_t* counts,
                                          std::size_t codes) {
  for (std::size_t code = 1; code < codes; ++code) {
    const auto wanted = static_cast<std::uint8_t>(code);
    std::uint8_t sums[code_lanes] = {};
    for (std::size_t i = 0; i < code_block; i += code_lanes) {
      for (std::size_t lane = 0; lane < code_lanes; ++lane) {
        sums[lane] = static_cast<std::uint8_t>(sums[lane] + (block[i + lane] == wanted ? 1 : 0));
      }
    }
    counts[code] += std::accumulate(sums, sums + code_lanes, std::uint64_t{0});
  }
}

/// How often each of `codebook_size` codes stands in a matrix.
std::vector<std::uint64_t> count_codes(const std::vector<std::uint8_t>& codes, std::size_t codebook_size) {
  // Several counts of each code, in turn: an addition need not wait for the one before.
  constexpr std::size_t ways = 4;
  constexpr std::size_t most_codes = 256;
  constexpr std::size_t few_codes = 16;
  std::vector<std::uint64_t> counts(ways * most_codes, 0);
  std::size_t i = 0;
  for (; codebook_size <= few_codes && i + code_block <= codes.size(); i += code_block) {
    count_few_codes(codes.data() + i, counts.data(), codebook_size);
  }
  for (; i < codes.size(); ++i) {
    ++counts[i % ways * most_codes + codes[i]];
  }
  for (std::size_t c = most_codes; c < counts.size(); ++c) {
    counts[c % most_codes] += counts[c];
  }
  counts.resize(codebook_size);
  return counts;
}

/// A trace on its way to the machine.
class Quantisation {
 public:
  Quantisation(const Trace& trace, const IntegerBits& overrides, const sparse::ValueWidths& widths,
               const QuantisationInputs& inputs)
      : trace_(trace),
        overrides_(overrides),
        widths_(widths),
        inputs_(inputs),
        held_matrix_(trace.matrix),
        columns_(inputs.columns != nullptr ? *inputs.columns : held_matrix_) {}

  QuantisedLayer run() {
    use_ = find_code_use(trace_.inputs(), trace_.has_bias, trace_.codebook.size(), columns_);
    choose_operand_formats();
    HeldCodebook codebook = hold_codebook(trace_.codebook, use_, formats());
    quantise_activations();
    choose_sum_formats(codebook);
    result_.layer.codebook = std::move(codebook.raw);
    result_.weights = tally_codebook(trace_.codebook, use_, formats(), code_counts());
    return std::move(result_);
  }

 private:
  sparse::LayerFormats& formats() { return result_.layer.formats; }
  ErrorPlace place(const char* key) const { return {"", 0, "layer " + trace_.name + ": " + key}; }

  OperandRanges ranges() const {
    OperandRanges ranges;
    ranges.has_bias = trace_.has_bias;
    ranges.shared = use_.shared;
    for (std::size_t code = 0; code < trace_.codebook.size(); ++code) {
      double& largest = use_.only_bias(code) ? ranges.largest_bias : ranges.largest_weight;
      largest = std::max(largest, std::fabs(static_cast<double>(trace_.codebook[code])));
    }
    // Of a chained layer these are not what it runs, but no more is derived from them.
    for (const float value : trace_.activations.values) {
      ranges.largest_activation = std::max(ranges.largest_activation, std::fabs(static_cast<double>(value)));
    }
    return ranges;
  }

  void choose_operand_formats() {
    const IntegerBits& own = trace_.integer_bits;
    auto activation = given_format(overrides_.activation, own.activation, widths_.activation_bits, trace_,
                                   "activation_integer_bits");
    if (inputs_.activations != nullptr) {
      activation = inputs_.activation_format;
    }
    set_operand_formats(
        ranges(), widths_,
        given_format(overrides_.weight, own.weight, widths_.weight_bits, trace_, "weight_integer_bits"),
        activation, formats());
  }

  void quantise_activations() {
    if (inputs_.activations != nullptr) {
      result_.activations = *inputs_.activations;
      return;
    }
    result_.activations.resize(trace_.activations.vectors);
    auto next = trace_.activations.values.begin();
    for (std::vector<std::int32_t>& vector : result_.activations) {
      vector.reserve(trace_.activations.inputs);
      for (std::uint32_t i = 0; i < trace_.activations.inputs; ++i) {
        const std::int64_t raw =
            result_.real_activations.add(static_cast<double>(*next++), formats().activation);
        vector.push_back(static_cast<std::int32_t>(raw));
      }
    }
  }

  void choose_sum_formats(const HeldCodebook& codebook) {
    const IntegerBits& own = trace_.integer_bits;
    const auto accumulator = given_format(overrides_.accumulator, own.accumulator, widths_.accumulator_bits,
                                          trace_, "accumulator_integer_bits");
    const auto output =
        given_format(overrides_.output, own.output, widths_.activation_bits, trace_, "output_integer_bits");
    const Addends addends{codebook.values, &result_.activations, formats().activation,
                          to_real(formats().bias_activation(), formats().activation), widths_.positive_only};
    const double largest_sum =
        accumulator && output ? 0.0 : largest_partial_sum(trace_, columns_, inputs_.most_bytes, addends);
    formats().accumulator = accumulator.value_or(
        accumulator_format(largest_sum, 0, static_cast<int>(widths_.accumulator_bits), formats()));
    check_product_shift();
    formats().output = output.value_or(output_format(largest_sum));
    check_output_shift();
  }

  void check_product_shift() {
    const int shift = formats().product_shift();
    const int integer_bits = formats().accumulator.integer_bits;
    if (shift < 0) {
      throw ConfigurationError(place("accumulator_integer_bits"),
                               "the accumulator has more fraction bits than the products",
                               "at least " + std::to_string(integer_bits - shift));
    }
    if (shift > formats().most_product_shift()) {
      throw ConfigurationError(
          place("accumulator_integer_bits"), "every product would vanish",
          "at most " + std::to_string(integer_bits - shift + formats().most_product_shift()));
    }
  }

  /// For outputs as large as the sums, as near to that as the shifter of outputs comes.
  FixedFormat output_format(double largest_sum) {
    formats().output = derived_format(largest_sum, static_cast<int>(widths_.activation_bits));
    const int shift = formats().output_shift();
    const int reached = std::clamp(shift, formats().least_output_shift(), formats().most_output_shift());
    FixedFormat output = formats().output;
    output.integer_bits += reached - shift;
    return output;
  }

  void check_output_shift() {
    const int shift = formats().output_shift();
    const int least = formats().least_output_shift();
    const int most = formats().most_output_shift();
    if (shift < least || shift > most) {
      const int integer_bits = formats().output.integer_bits;
      throw ConfigurationError(place("output_integer_bits"),
                               std::to_string(integer_bits) +
                                   " integer bits lie too far from the accumulator's " +
                                   std::to_string(formats().accumulator.integer_bits),
                               std::to_string(integer_bits - shift + least) + " to " +
                                   std::to_string(integer_bits - shift + most));
    }
  }

  /// How often each code stands in the matrix.
  std::vector<std::uint64_t> code_counts() const {
    if (inputs_.tally_codebook) {
      return std::vector<std::uint64_t>(trace_.codebook.size(), 1);
    }
    return count_codes(trace_.matrix.codes, trace_.codebook.size());
  }

  const Trace& trace_;
  const IntegerBits& overrides_;
  const sparse::ValueWidths& widths_;
  const QuantisationInputs& inputs_;
  MatrixReader held_matrix_;
  ColumnReader& columns_;
  CodeUse use_;
  QuantisedLayer result_;
};

}  // namespace

sparse::LayerFormats choose_formats(const Trace& trace, const IntegerBits& overrides,
                                    const sparse::ValueWidths& widths, const QuantisationInputs& inputs) {
  return Quantisation(trace, overrides, widths, inputs).run().layer.formats;
}

QuantisedLayer quantise_layer(const Trace& trace, const IntegerBits& overrides,
                              const sparse::ValueWidths& widths, const QuantisationInputs& inputs) {
  QuantisedLayer result = quantise_numbers(trace, overrides, widths, inputs);
  result.layer.matrix = trace.matrix;
  return result;
}

QuantisedLayer quantise_numbers(const Trace& trace, const IntegerBits& overrides,
                                const sparse::ValueWidths& widths, const QuantisationInputs& inputs) {
  QuantisedLayer result = Quantisation(trace, overrides, widths, inputs).run();
  result.layer.name = trace.name;
  result.layer.matrix.rows = trace.matrix.rows;
  result.layer.matrix.columns = trace.matrix.columns;
  result.layer.has_bias = trace.has_bias;
  result.layer.relu = trace.relu;
  return result;
}

}  // namespace lacuna
