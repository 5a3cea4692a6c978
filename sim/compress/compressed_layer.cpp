#include "sim/compress/compressed_layer.h"

#include <algorithm>
#include <string>

#include "models/common/error.h"
#include "sim/compress/huffman.h"

namespace lacuna {

std::uint64_t checked_weight_count(const std::vector<std::uint32_t>& shape, const std::string& file,
                                   const std::string& layer) {
  if (shape.size() != 2 && shape.size() != 4) {
    throw InputDataError({file, 0, layer}, "weights of " + std::to_string(shape.size()) + " dimensions",
                         "[outputs, inputs] or [outputs, inputs, kernel height, kernel width]");
  }
  std::uint64_t count = 1;
  for (const std::uint32_t dimension : shape) {
    if (dimension == 0 || dimension > max_layer_weights / count) {
      throw InputDataError({file, 0, layer}, "the weights' dimensions are impossible",
                           "none of them 0, at most " + std::to_string(max_layer_weights) + " weights");
    }
    count *= dimension;
  }
  return count;
}

std::uint32_t WeightCode::stored_bits() const {
  if (is_codebook()) {
    return codebook_bits;
  }
  const auto width = static_cast<std::uint32_t>(format.width_bits);
  return format.kind == NumberKind::binary ? width + 1 : width;
}

std::uint32_t WeightCode::format_code(std::uint16_t stored) const {
  switch (format.kind) {
    case NumberKind::recentralised_shift:
      return stored ^ pruned_code(format);
    case NumberKind::binary:
      return stored - 1U;
    default:
      return stored;
  }
}

std::uint16_t WeightCode::stored_code(std::uint32_t code) const {
  switch (format.kind) {
    case NumberKind::recentralised_shift:
      return static_cast<std::uint16_t>(code ^ pruned_code(format));
    case NumberKind::binary:
      return static_cast<std::uint16_t>(code + 1);
    default:
      return static_cast<std::uint16_t>(code);
  }
}

bool WeightCode::is_code(std::uint16_t stored) const {
  if (stored == 0) {
    return true;
  }
  return is_codebook() ? stored < codebook.size() : lacuna::is_code(format, format_code(stored));
}

float WeightCode::value(std::uint16_t stored) const {
  if (stored == 0) {
    return 0.0F;
  }
  return is_codebook() ? codebook[stored] : static_cast<float>(scale * to_real(format, format_code(stored)));
}

std::string WeightCode::text() const {
  if (is_codebook()) {
    return "codebook of " + std::to_string(codebook.size() - 1) + " values";
  }
  return to_text(format);
}

bool operator==(const WeightCode& a, const WeightCode& b) {
  return a.codebook == b.codebook && a.codebook_bits == b.codebook_bits && a.format == b.format &&
         a.scale == b.scale;
}

std::vector<float> value_table(const WeightCode& code) {
  std::vector<float> table(std::size_t{1} << code.stored_bits(), 0.0F);
  for (std::size_t stored = 1; stored < table.size(); ++stored) {
    const auto symbol = static_cast<std::uint16_t>(stored);
    table[stored] = code.is_code(symbol) ? code.value(symbol) : 0.0F;
  }
  return table;
}

SparseCodes nonzero_codes(const std::vector<std::uint16_t>& dense) {
  SparseCodes sparse;
  for (std::size_t i = 0; i < dense.size(); ++i) {
    if (dense[i] != 0) {
      sparse.positions.push_back(static_cast<std::uint32_t>(i));
      sparse.codes.push_back(dense[i]);
    }
  }
  return sparse;
}

RelativeEntries to_relative(const SparseCodes& sparse, unsigned index_bits) {
  const std::uint32_t largest_gap = (1U << index_bits) - 1;
  RelativeEntries entries;
  entries.codes.reserve(sparse.codes.size());
  entries.gaps.reserve(sparse.codes.size());
  std::uint32_t next = 0;  // first position behind the last entry
  for (std::size_t i = 0; i < sparse.codes.size(); ++i) {
    while (sparse.positions[i] - next > largest_gap) {
      entries.codes.push_back(0);
      entries.gaps.push_back(static_cast<std::uint16_t>(largest_gap));
      ++entries.padding;
      next += largest_gap + 1;
    }
    entries.codes.push_back(sparse.codes[i]);
    entries.gaps.push_back(static_cast<std::uint16_t>(sparse.positions[i] - next));
    next = sparse.positions[i] + 1;
  }
  return entries;
}

SparseCodes from_relative(const RelativeEntries& entries, unsigned index_bits, std::uint64_t weights) {
  const std::uint32_t largest_gap = (1U << index_bits) - 1;
  SparseCodes sparse;
  std::uint64_t next = 0;
  for (std::size_t i = 0; i < entries.codes.size(); ++i) {
    const std::uint64_t position = next + entries.gaps[i];
    if (position >= weights) {
      throw InputDataError({}, "entry " + std::to_string(i) + " lies at weight " + std::to_string(position),
                           "less than " + std::to_string(weights));
    }
    next = position + 1;
    if (entries.codes[i] != 0) {
      sparse.positions.push_back(static_cast<std::uint32_t>(position));
      sparse.codes.push_back(entries.codes[i]);
    } else if (entries.gaps[i] != largest_gap) {
      throw InputDataError(
          {},
          "entry " + std::to_string(i) + " has code 0 after " + std::to_string(entries.gaps[i]) + " zeros",
          std::to_string(largest_gap) + " zeros before a padding entry");
    }
  }
  return sparse;
}

namespace {

/// Bits of the number format and the scale where there is no codebook: a 16-bit tag and a 32-bit scale.
constexpr std::uint64_t format_bits = 48;

}  // namespace

StreamBits measure_stream(const std::vector<std::uint16_t>& symbols, std::uint32_t symbol_bits) {
  const std::vector<std::uint64_t> counts = count_symbols(symbols, std::size_t{1} << symbol_bits);
  const std::vector<std::uint8_t> lengths = huffman_lengths(counts);
  return {symbols.size() * symbol_bits, coded_bits(counts, lengths), lengths.size() * length_bits(lengths),
          entropy_bits(counts)};
}

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
  const StreamBits codes = measure_stream(layer.entries.codes, layer.code.stored_bits());
  const StreamBits gaps = measure_stream(layer.entries.gaps, layer.index_bits);
  storage.fixed_weight_bits = codes.fixed;
  storage.fixed_index_bits = gaps.fixed;
  storage.huffman_weight_bits = codes.is_coded() ? codes.coded : codes.fixed;
  storage.huffman_index_bits = gaps.is_coded() ? gaps.coded : gaps.fixed;
  storage.huffman_table_bits = (codes.is_coded() ? codes.table : 0) + (gaps.is_coded() ? gaps.table : 0);
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
