#include "models/eie/rtl/hardware.h"

#include <algorithm>

namespace lacuna::eie {
namespace {

std::uint64_t ceil_div(std::uint64_t value, std::uint64_t divisor) {
  return (value + divisor - 1) / divisor;
}

std::uint64_t power_of_two(std::uint64_t at_least) {
  std::uint64_t power = 1;
  while (power < at_least) {
    power *= 2;
  }
  return power;
}

std::uint32_t bits_to_address(std::uint64_t depth) {
  std::uint32_t bits = 0;
  while ((std::uint64_t{1} << bits) < depth) {
    ++bits;
  }
  return bits;
}

/// A capacity as long as it is modest, else the next power of two that is enough.
std::uint64_t depth_for(std::uint64_t need, std::uint64_t capacity, std::uint64_t modest) {
  return need <= std::min(capacity, modest) ? std::max<std::uint64_t>(std::min(capacity, modest), 2)
                                            : power_of_two(need);
}

std::uint64_t source_rows(const Parameters& p, const Layer& layer) {
  return ceil_div(layer.inputs(), p.pe_count);
}
std::uint64_t output_rows(const Parameters& p, const Layer& layer) {
  return ceil_div(layer.outputs(), p.pe_count);
}

std::string flag(bool value) {
  return value ? "1'b1" : "1'b0";
}

}  // namespace

bool MemoryDepths::covers(const MemoryDepths& need) const {
  return spmat_rows >= need.spmat_rows && pointers >= need.pointers &&
         source_entries >= need.source_entries && destination_entries >= need.destination_entries &&
         sram_words >= need.sram_words;
}

SramLayout sram_layout(const Parameters& p, const Layer& layer) {
  SramLayout layout;
  const std::uint64_t held = p.register_file_entries;
  if (held == 0) {
    return layout;
  }
  const auto words = [&](std::uint64_t entries) {
    return ceil_div(entries * p.activation_width_bits, p.activation_sram_width_bits);
  };
  const auto all_words = [&](std::uint64_t entries) {
    return entries / held * words(held) + words(entries % held);
  };
  if (source_rows(p, layer) > held) {
    layout.load_words_per_batch = words(held);
    layout.load_words = all_words(source_rows(p, layer));
  }
  if (output_rows(p, layer) > held) {
    layout.store_words_per_batch = words(held);
    layout.store_words = all_words(output_rows(p, layer));
  }
  return layout;
}

MemoryDepths needed_depths(const Parameters& p, const Layer& layer, const MemoryImage& image) {
  MemoryDepths need;
  const SramLayout layout = sram_layout(p, layer);
  const std::uint64_t held = p.register_file_entries == 0 ? ~std::uint64_t{0} : p.register_file_entries;
  for (const PeMemory& pe : image.pes) {
    need.spmat_rows = std::max(need.spmat_rows, ceil_div(pe.codes.size(), p.entries_per_spmat_row()));
    need.pointers = std::max<std::uint64_t>(need.pointers, pe.pointers.size());
  }
  need.source_entries = std::min(source_rows(p, layer), held);
  need.destination_entries = std::min(output_rows(p, layer), held);
  need.sram_words = layout.load_words + layout.store_words;
  return need;
}

MemoryDepths build_depths(const Parameters& p, const MemoryDepths& need) {
  constexpr std::uint64_t published_spmat_bits = std::uint64_t{131072} * 8;
  constexpr std::uint64_t published_pointers = 16384;
  constexpr std::uint64_t published_sram_bits = std::uint64_t{2048} * 8;
  const std::uint64_t held = p.register_file_entries;
  const std::uint64_t sram_capacity = ceil_div(p.activation_sram_bytes * 8, p.activation_sram_width_bits);
  MemoryDepths depths;
  depths.spmat_rows = depth_for(need.spmat_rows, p.spmat_capacity_bytes * 8 / p.spmat_width_bits,
                                published_spmat_bits / p.spmat_width_bits);
  depths.pointers =
      depth_for(need.pointers, p.pointer_capacity_bytes * 8 / p.pointer_width_bits, published_pointers);
  depths.pointers = std::max<std::uint64_t>(4, ceil_div(depths.pointers, 2) * 2);
  depths.source_entries = depth_for(need.source_entries, held == 0 ? 1024 : held, 1024);
  depths.destination_entries = depth_for(need.destination_entries, held == 0 ? 64 : held, 64);
  depths.sram_words =
      depth_for(need.sram_words, sram_capacity, ceil_div(published_sram_bits, p.activation_sram_width_bits));
  return depths;
}

/// With one entry a row there is no slot to name, but a signal has at least one bit.
std::uint32_t slot_bits(const Parameters& p) {
  return std::max(1U, bits_to_address(p.entries_per_spmat_row()));
}

std::uint32_t pointer_bits(const Parameters& p) {
  const std::uint32_t unused_bits = p.entries_per_spmat_row() == 1 ? slot_bits(p) : 0;
  constexpr std::uint32_t most_bits = 32;  // of an entry's number
  return std::max(std::min(p.pointer_width_bits + unused_bits, most_bits), slot_bits(p) + 1);
}

std::uint32_t io_bits(const Parameters& p) {
  const std::uint32_t widest = std::max({std::uint32_t{64}, 2 * pointer_bits(p), p.spmat_width_bits,
                                         p.activation_sram_width_bits, p.weight_value_width_bits});
  return (widest + 31) / 32 * 32;
}

std::vector<std::pair<std::string, std::string>> top_parameters(const Parameters& p,
                                                                const MemoryDepths& depths) {
  const std::uint64_t deepest =
      std::max({std::uint64_t{32}, std::uint64_t{1} << p.codebook_index_bits, depths.spmat_rows,
                depths.pointers, depths.source_entries, depths.destination_entries, depths.sram_words});
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  return {
      {"PE_COUNT", number(p.pe_count)},
      {"QUEUE_DEPTH", number(p.queue_depth_entries)},
      {"SPMAT_WIDTH", number(p.spmat_width_bits)},
      {"CODE_BITS", number(p.codebook_index_bits)},
      {"INDEX_BITS", number(p.relative_index_bits)},
      {"POINTER_WIDTH", number(pointer_bits(p))},
      {"WEIGHT_WIDTH", number(p.weight_value_width_bits)},
      {"ACTIVATION_WIDTH", number(p.activation_width_bits)},
      {"ACCUMULATOR_WIDTH", number(p.accumulator_width_bits)},
      {"ROUNDING", number(p.rounding == Rounding::truncate  ? 0
                          : p.rounding == Rounding::nearest ? 1
                                                            : 2)},
      {"REGISTER_FILE_ENTRIES", number(p.register_file_entries)},
      {"SRAM_WIDTH", number(p.activation_sram_width_bits)},
      {"POINTER_PREFETCH", flag(p.pointer_prefetch)},
      {"ARITHMETIC_BYPASS", flag(p.arithmetic_bypass)},
      {"LNZD_LATENCY_CYCLES", number(p.lnzd_latency_cycles)},
      {"POSITIVE_ONLY", flag(p.nonzero_detection == NonzeroDetection::positive)},
      {"SPMAT_ROWS", number(depths.spmat_rows)},
      {"POINTERS", number(depths.pointers)},
      {"SOURCE_ENTRIES", number(depths.source_entries)},
      {"DESTINATION_ENTRIES", number(depths.destination_entries)},
      {"SRAM_WORDS", number(depths.sram_words)},
      {"IO_WIDTH", number(io_bits(p))},
      {"IO_ADDRESS_WIDTH", number(bits_to_address(deepest))},
  };
}

}  // namespace lacuna::eie
