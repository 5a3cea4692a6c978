#include "models/eie/capacity.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/eie/engine.h"

namespace lacuna::eie {

BatchPlan plan_batches(const Parameters& parameters, const LayerShape& shape) {
  const std::uint32_t pes = parameters.pe_count;
  const std::uint32_t source_rows = shape.inputs / pes + (shape.inputs % pes != 0 ? 1U : 0U);
  const std::uint32_t held = parameters.register_file_entries;
  BatchPlan plan;

  const std::uint32_t rows_at_once = held == 0 ? source_rows : held;
  for (std::uint32_t first = 0; first < source_rows; first += std::min(rows_at_once, source_rows - first)) {
    plan.column_batches.push_back({first, std::min(rows_at_once, source_rows - first), false});
  }
  plan.column_batches.back().bias_row = shape.has_bias;

  const std::uint64_t outputs_at_once = held == 0 ? shape.outputs : std::uint64_t{held} * pes;
  for (std::uint64_t first = 0; first < shape.outputs; first += outputs_at_once) {
    plan.row_batch_outputs.push_back(
        static_cast<std::uint32_t>(std::min(outputs_at_once, shape.outputs - first)));
  }
  return plan;
}

std::uint64_t transfer_cycles(const Parameters& parameters, std::uint64_t entries) {
  const std::uint64_t width_bits = parameters.activation_sram_width_bits;
  return (entries * parameters.activation_width_bits + width_bits - 1) / width_bits;
}

std::uint64_t lnzd_fill_cycles(const Parameters& parameters) {
  std::uint64_t levels = 0;
  for (std::uint64_t reach = 1; reach < parameters.pe_count; reach *= 4) {
    ++levels;
  }
  return levels * parameters.lnzd_latency_cycles;
}

namespace {

/// Checks ranges with the same lines that declare them.
struct RangeCheck {
  template <class T>
  void integer(const char* key, T value, std::uint64_t low, std::uint64_t high,
               const char* /*meaning*/) const {
    if (value < low || value > high) {
      throw ConfigurationError({{}, 0, key}, fmt::format("{} is out of range", value),
                               fmt::format("allowed: {} to {}", low, high));
    }
  }
  void real(const char* key, double value, double low, double high, const char* /*meaning*/) const {
    if (!(value >= low && value <= high)) {
      throw ConfigurationError({{}, 0, key}, fmt::format("{} is out of range", value),
                               fmt::format("allowed: {} to {}", low, high));
    }
  }
  void boolean(const char*, bool, const char*) const {}
  template <class Enum>
  void choice(const char*, Enum, std::initializer_list<const char*>, const char*) const {}
};

[[noreturn]] void refuse(const Layer& layer, const std::string& key, const std::string& need,
                         const std::string& limit) {
  throw CapacityError({{}, 0, "layer " + layer.name + ": " + key}, need, limit);
}

void check_shift(const Layer& layer, const char* key, const char* shifted, int shift,
                 const std::pair<int, int>& allowed) {
  if (shift < allowed.first || shift > allowed.second) {
    refuse(layer, key, fmt::format("the {} would be shifted by {} bits", shifted, shift),
           fmt::format("{} to {} to the right; other integer bits", allowed.first, allowed.second));
  }
}

void check_formats(const Parameters& p, const Layer& layer) {
  const auto check = [&](const char* key, const FixedFormat& format, std::uint32_t width) {
    if (format.width_bits != static_cast<int>(width) || format.integer_bits < least_integer_bits ||
        format.integer_bits > most_integer_bits) {
      refuse(layer, key,
             fmt::format("format of {} bits with {} integer bits", format.width_bits, format.integer_bits),
             fmt::format("the machine has {} bits, and {} to {} integer bits are allowed", width,
                         least_integer_bits, most_integer_bits));
    }
  };
  check("weight format", layer.formats.weight, p.weight_value_width_bits);
  check("activation format", layer.formats.activation, p.activation_width_bits);
  check("accumulator format", layer.formats.accumulator, p.accumulator_width_bits);
  check("output format", layer.formats.output, p.activation_width_bits);
  if (layer.formats.product_shift() < 0) {
    refuse(layer, "accumulator format",
           fmt::format("needs {} fraction bits", layer.formats.accumulator.fraction_bits()),
           fmt::format("a product has {} (weight {} + activation {})",
                       layer.formats.weight.fraction_bits() + layer.formats.activation.fraction_bits(),
                       layer.formats.weight.fraction_bits(), layer.formats.activation.fraction_bits()));
  }
  check_shift(layer, "accumulator format", "product", layer.formats.product_shift(),
              {0, layer.formats.most_product_shift()});
  check_shift(layer, "output format", "accumulator", layer.formats.output_shift(),
              {layer.formats.least_output_shift(), layer.formats.most_output_shift()});
  if (layer.has_bias && !layer.formats.can_hold_bias()) {
    const int exponent = layer.formats.bias_exponent;
    refuse(layer, "activation format",
           fmt::format("the bias row's activation {} needs at least {} integer bit{}",
                       exponent == 0 ? std::string("1.0") : fmt::format("2^{}", exponent), exponent + 1,
                       exponent == 0 ? "" : "s"),
           fmt::format("this format has {}", layer.formats.activation.integer_bits));
  }
}

void check_codebook(const Parameters& p, const Layer& layer) {
  const std::size_t limit = std::size_t{1} << p.codebook_index_bits;
  if (layer.codebook.size() > limit) {
    refuse(layer, "codebook", fmt::format("needs {} shared weights", layer.codebook.size()),
           fmt::format("codebook_index_bits {} addresses {}", p.codebook_index_bits, limit));
  }
}

int bits_for(std::uint64_t largest) {
  int bits = 0;
  for (; largest != 0; largest >>= 1U) {
    ++bits;
  }
  return bits;
}

void check_pointers(const Parameters& p, const Layer& layer, const ImageSize& image) {
  const std::uint64_t most_entries = image.most_entries;
  const std::uint32_t per_row = p.entries_per_spmat_row();
  const int slot_bits = bits_for(per_row - 1U);
  const int pointer_bits = bits_for(most_entries / per_row) + slot_bits;
  if (pointer_bits > static_cast<int>(p.pointer_width_bits)) {
    refuse(layer, "pointer",
           fmt::format("needs {} bits for {} stored entries in one PE", pointer_bits, most_entries),
           fmt::format("pointer_width_bits is {}", p.pointer_width_bits));
  }
  const std::uint64_t pointers = std::uint64_t{image.columns} * image.row_batches + 1;
  const std::uint64_t limit = p.pointer_capacity_bytes * 8 / p.pointer_width_bits;
  if (pointers > limit) {
    refuse(layer, "pointer SRAM",
           fmt::format("needs {} pointers ({} columns x {} row batches + 1)", pointers, image.columns,
                       image.row_batches),
           fmt::format("{} bytes hold {}", p.pointer_capacity_bytes, limit));
  }
}

void check_spmat(const Parameters& p, const Layer& layer, std::uint64_t most_entries) {
  const std::uint64_t per_row = p.entries_per_spmat_row();
  const std::uint64_t rows = (most_entries + per_row - 1) / per_row;
  const std::uint64_t limit = p.spmat_capacity_bytes * 8 / p.spmat_width_bits;
  if (rows > limit) {
    refuse(
        layer, "sparse-matrix SRAM",
        fmt::format("needs {} rows for {} stored entries in one PE", rows, most_entries),
        fmt::format("{} bytes hold {} rows of {} bits", p.spmat_capacity_bytes, limit, p.spmat_width_bits));
  }
}

void check_activations(const Parameters& p, const Layer& layer) {
  const BatchPlan plan = plan_batches(p, LayerShape::of(layer));
  const auto per_pe = [&](std::uint64_t elements) { return (elements + p.pe_count - 1) / p.pe_count; };
  const std::uint64_t source = plan.loads() ? per_pe(layer.inputs()) : 0;
  const std::uint64_t destination = plan.stores() ? per_pe(layer.outputs()) : 0;
  const std::uint64_t limit = p.activation_sram_bytes * 8 / p.activation_width_bits;
  if (source + destination > limit) {
    refuse(layer, "activation SRAM",
           fmt::format("needs {} entries per PE ({} inputs, {} accumulators and outputs)",
                       source + destination, source, destination),
           fmt::format("{} bytes hold {} entries of {} bits", p.activation_sram_bytes, limit,
                       p.activation_width_bits));
  }
}

}  // namespace

void check_parameters(const Parameters& parameters) {
  Parameters::describe(parameters, RangeCheck{});
  if (parameters.entries_per_spmat_row() == 0) {
    throw ConfigurationError({{}, 0, "spmat_width_bits"},
                             fmt::format("{} is narrower than an entry", parameters.spmat_width_bits),
                             fmt::format("at least codebook_index_bits + relative_index_bits = {}",
                                         parameters.codebook_index_bits + parameters.relative_index_bits));
  }
  if (parameters.activation_sram_width_bits < parameters.activation_width_bits) {
    throw ConfigurationError(
        {{}, 0, "activation_sram_width_bits"},
        fmt::format("{} is narrower than an activation", parameters.activation_sram_width_bits),
        fmt::format("at least activation_width_bits = {}", parameters.activation_width_bits));
  }
}

ImageSize ImageSize::of(const MemoryImage& image) {
  ImageSize size{image.columns, image.row_batches, 0};
  for (std::size_t pe = 0; pe < image.geometry.pe_count; ++pe) {
    size.most_entries = std::max(size.most_entries, image.entries_of(pe));
  }
  return size;
}

void check_capacity(const Parameters& parameters, const Layer& layer, const ImageSize& image) {
  check_formats(parameters, layer);
  check_codebook(parameters, layer);
  check_pointers(parameters, layer, image);
  check_spmat(parameters, layer, image.most_entries);
  check_activations(parameters, layer);
}

void check_capacity(const Parameters& parameters, const Layer& layer, const MemoryImage& image) {
  check_capacity(parameters, layer, ImageSize::of(image));
}

}  // namespace lacuna::eie
