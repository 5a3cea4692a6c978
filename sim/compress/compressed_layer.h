#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/common/number_format.h"

namespace lacuna {

/// The weights of one layer in C order: a matrix [outputs, inputs], or a convolution [outputs, inputs,
/// kernel height, kernel width].
struct WeightTensor {
  std::vector<std::uint32_t> shape;
  std::vector<float> values;

  std::uint32_t outputs() const { return shape.front(); }
  /// Weights of one output: the columns of the layer as a matrix.
  std::uint64_t row_length() const { return values.size() / shape.front(); }
};

/// Most weights of one layer: positions fit 32 bits with room, and no file makes us allocate more.
inline constexpr std::uint64_t max_layer_weights = std::uint64_t{1} << 30;

/// Product of the dimensions. Throws InputDataError (place: file and layer) unless there are two or four,
/// none of them 0, with a product of at most `max_layer_weights`.
std::uint64_t checked_weight_count(const std::vector<std::uint32_t>& shape, const std::string& file,
                                   const std::string& layer);

/// What the stored codes of a layer's weights mean: a table of shared values, or a number format and a scale.
/// Stored code 0 is always zero (pruned weights and padding). For formats whose own code 0 is another number
/// the stored code differs from the format's: recentralised shift: exclusive or with the pruned weight's
/// code; binary: one more, so that a sparse layer needs two bits.
struct WeightCode {
  std::vector<float> codebook;      ///< element 0 is 0; empty: `format` and `scale` hold
  std::uint32_t codebook_bits = 0;  ///< of a code into the codebook, 1 to 8
  NumberFormat format;
  double scale = 1.0;  ///< value of a weight = scale * the format's number

  bool is_codebook() const { return !codebook.empty(); }
  /// Bits of a stored code.
  std::uint32_t stored_bits() const;
  /// The format's code of a stored one and back (number formats only).
  std::uint32_t format_code(std::uint16_t stored) const;
  std::uint16_t stored_code(std::uint32_t format_code) const;
  /// Whether a stored code has a meaning.
  bool is_code(std::uint16_t stored) const;
  /// The weight that a stored code stands for, nearest float32.
  float value(std::uint16_t stored) const;
  /// One line for reports, such as "shift(4, 7)" or "codebook of 15 values".
  std::string text() const;
};

bool operator==(const WeightCode& a, const WeightCode& b);

/// Values of all stored codes, 2^stored_bits of them; codes without a meaning are 0.
std::vector<float> value_table(const WeightCode& code);

/// The nonzero codes of a tensor in C order, each with its position.
struct SparseCodes {
  std::vector<std::uint32_t> positions;  ///< ascending
  std::vector<std::uint16_t> codes;      ///< none of them 0

  bool operator==(const SparseCodes& other) const {
    return positions == other.positions && codes == other.codes;
  }
};

/// Stored entries of a tensor: code, and zeros between the entry and the one before it (source: Han et al.,
/// Deep Compression, ICLR 2016, figure 2). More than 2^index_bits - 1 zeros: a padding entry of code 0 with
/// the largest gap, a zero itself. Zeros behind the last entry are not stored.
struct RelativeEntries {
  std::vector<std::uint16_t> codes;
  std::vector<std::uint16_t> gaps;
  std::uint64_t padding = 0;  ///< entries of code 0

  std::uint64_t size() const { return codes.size(); }
};

/// The nonzeros of dense codes in C order.
SparseCodes nonzero_codes(const std::vector<std::uint16_t>& dense);

/// Positions become gaps of `index_bits` (1 to 16).
RelativeEntries to_relative(const SparseCodes& sparse, unsigned index_bits);

/// The inverse. Throws InputDataError for an entry at or behind position `weights`, and for code 0 with
/// another gap than the largest.
SparseCodes from_relative(const RelativeEntries& entries, unsigned index_bits, std::uint64_t weights);

/// A layer as it is stored: pruned, coded, with relative indices over the whole tensor in C order.
struct CompressedLayer {
  std::string name;
  std::vector<std::uint32_t> shape;  ///< of the weights, two or four dimensions
  bool relu = true;
  std::vector<float> biases;  ///< one for each output, or none; not coded
  WeightCode code;
  std::uint32_t index_bits = 4;  ///< 1 to 16
  RelativeEntries entries;

  std::uint64_t weights() const;
  std::uint64_t nonzeros() const { return entries.size() - entries.padding; }
};

/// Stores codes (one per weight, C order).
CompressedLayer compress_layer(const std::string& name, const std::vector<std::uint32_t>& shape,
                               const WeightCode& code, const std::vector<std::uint16_t>& codes,
                               std::uint32_t index_bits);

/// The weights that the layer stands for.
WeightTensor expand(const CompressedLayer& layer);

/// Where the bits of a compressed layer go (Tables 4.2 to 4.8 of Han's thesis).
struct LayerStorage {
  std::string name;
  std::uint64_t weights = 0;
  std::uint64_t nonzeros = 0;
  std::uint64_t stored_entries = 0;  ///< padding included
  std::uint64_t padding_entries = 0;
  std::uint64_t original_bits = 0;      ///< weights and biases in 32 bits
  std::uint64_t table_bits = 0;         ///< codebook (or format and scale) and biases in 32 bits
  std::uint64_t fixed_weight_bits = 0;  ///< codes of all entries without Huffman coding
  std::uint64_t fixed_index_bits = 0;
  /// With Huffman coding of the codes, and of the indices, where the code and its table take fewer bits.
  std::uint64_t huffman_weight_bits = 0;
  std::uint64_t huffman_index_bits = 0;
  std::uint64_t huffman_table_bits = 0;  ///< code lengths as the container stores them
  double entropy_weight_bits = 0.0;      ///< least that any code of single symbols takes
  double entropy_index_bits = 0.0;

  std::uint64_t fixed_bits() const { return table_bits + fixed_weight_bits + fixed_index_bits; }
  std::uint64_t huffman_bits() const {
    return table_bits + huffman_table_bits + huffman_weight_bits + huffman_index_bits;
  }
  void add(const LayerStorage& other);
};

LayerStorage storage_of(const CompressedLayer& layer);

/// Bits of the codes, or of the gaps, of a layer.
struct StreamBits {
  std::uint64_t fixed = 0;  ///< with the same bits for all symbols
  std::uint64_t coded = 0;  ///< with Huffman coding, without the table
  std::uint64_t table = 0;  ///< the code length of every symbol
  double entropy = 0.0;     ///< least that any code of single symbols takes

  /// Whether Huffman coding makes the stream shorter: only then it is used.
  bool is_coded() const { return coded + table < fixed; }
};

StreamBits measure_stream(const std::vector<std::uint16_t>& symbols, std::uint32_t symbol_bits);

/// Bits with which code lengths are stored: enough for the longest.
unsigned length_bits(const std::vector<std::uint8_t>& lengths);

}  // namespace lacuna
