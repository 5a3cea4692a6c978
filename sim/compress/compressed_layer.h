#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/compress/relative_index.h"
#include "sim/compress/weight_code.h"
#include "sim/compress/weight_tensor.h"

namespace lacuna {

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
  std::uint64_t huffman_weight_bits = 0;  ///< with Huffman coding
  std::uint64_t huffman_index_bits = 0;
  std::uint64_t huffman_table_bits = 0;  ///< code lengths of both codes as the container stores them
  double entropy_weight_bits = 0.0;      ///< least that any code of single symbols takes
  double entropy_index_bits = 0.0;

  std::uint64_t fixed_bits() const { return table_bits + fixed_weight_bits + fixed_index_bits; }
  std::uint64_t huffman_bits() const {
    return table_bits + huffman_table_bits + huffman_weight_bits + huffman_index_bits;
  }
  void add(const LayerStorage& other);
};

LayerStorage storage_of(const CompressedLayer& layer);

/// Bits with which code lengths are stored: enough for the longest.
unsigned length_bits(const std::vector<std::uint8_t>& lengths);

}  // namespace lacuna
