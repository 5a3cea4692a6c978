#include "sim/compress/compressed_layer.h"

#include <algorithm>

#include "sim/compress/huffman.h"

namespace lacuna {
namespace {

/// Bits of the number format and the scale where there is no codebook: a 16-bit tag and a 32-bit scale.
constexpr std::uint64_t format_bits = 48;

struct StreamBits {
  std::uint64_t coded = 0;
  std::uint64_t table = 0;
  double entropy = 0.0;
};

StreamBits measure(const std::vector<std::uint16_t>& symbols, std::uint32_t symbol_bits) {
  const std::vector<std::uint64_t> counts = count_symbols(symbols, std::size_t{1} << symbol_bits);
  const std::vector<std::uint8_t> lengths = huffman_lengths(counts);
  return {coded_bits(counts, lengths), lengths.size() * length_bits(lengths), entropy_bits(counts)};
}

}  // namespace

std::uint64_t CompressedLayer::weights() const {
  std::uint64_t count = 1;
  for (const std::uint32_t dimension : shape) {
    count *= dimension;
  }
  return count;
}

CompressedLayer compress_layer(const std::string& name, const std::vector<std::uint32_t>& shape,
                               const WeightCode& code, const std::vector<std::uint16_t>& codes,
                               std::uint32_t index_bits) {
  CompressedLayer layer;
  layer.name = name;
  layer.shape = shape;
  layer.code = code;
  layer.index_bits = index_bits;
  layer.entries = to_relative(nonzero_codes(codes), index_bits);
  return layer;
}

WeightTensor expand(const CompressedLayer& layer) {
  const std::uint64_t weights = checked_weight_count(layer.shape, "", layer.name);
  const SparseCodes sparse = from_relative(layer.entries, layer.index_bits, weights);
  const std::vector<float> values = value_table(layer.code);
  WeightTensor tensor{layer.shape, std::vector<float>(weights, 0.0F)};
  for (std::size_t i = 0; i < sparse.codes.size(); ++i) {
    tensor.values[sparse.positions[i]] = values[sparse.codes[i]];
  }
  return tensor;
}

void LayerStorage::add(const LayerStorage& other) {
  weights += other.weights;
  nonzeros += other.nonzeros;
  stored_entries += other.stored_entries;
  padding_entries += other.padding_entries;
  original_bits += other.original_bits;
  table_bits += other.table_bits;
  fixed_weight_bits += other.fixed_weight_bits;
  fixed_index_bits += other.fixed_index_bits;
  huffman_weight_bits += other.huffman_weight_bits;
  huffman_index_bits += other.huffman_index_bits;
  huffman_table_bits += other.huffman_table_bits;
  entropy_weight_bits += other.entropy_weight_bits;
  entropy_index_bits += other.entropy_index_bits;
}

LayerStorage storage_of(const CompressedLayer& layer) {
  LayerStorage storage;
  storage.name = layer.name;
  storage.weights = layer.weights();
  storage.nonzeros = layer.nonzeros();
  storage.stored_entries = layer.entries.size();
  storage.padding_entries = layer.entries.padding;
  storage.original_bits = 32 * (storage.weights + layer.biases.size());
  storage.table_bits =
      32 * layer.biases.size() + (layer.code.is_codebook() ? 32 * layer.code.codebook.size() : format_bits);
  storage.fixed_weight_bits = storage.stored_entries * layer.code.stored_bits();
  storage.fixed_index_bits = storage.stored_entries * layer.index_bits;
  const StreamBits codes = measure(layer.entries.codes, layer.code.stored_bits());
  const StreamBits gaps = measure(layer.entries.gaps, layer.index_bits);
  storage.huffman_weight_bits = codes.coded;
  storage.huffman_index_bits = gaps.coded;
  storage.huffman_table_bits = codes.table + gaps.table;
  storage.entropy_weight_bits = codes.entropy;
  storage.entropy_index_bits = gaps.entropy;
  return storage;
}

unsigned length_bits(const std::vector<std::uint8_t>& lengths) {
  const std::uint8_t longest = *std::max_element(lengths.begin(), lengths.end());
  unsigned bits = 1;
  while (longest >> bits != 0) {
    ++bits;
  }
  return bits;
}

}  // namespace lacuna
