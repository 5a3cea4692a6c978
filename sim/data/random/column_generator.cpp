#include "sim/data/random/column_generator.h"

namespace lacuna {
namespace {

const GeneratedLayer& checked(const GeneratedLayer& layer) {
  check_generated_layer(layer);
  return layer;
}

}  // namespace

ColumnGenerator::ColumnGenerator(const GeneratedLayer& layer)
    : layer_(checked(layer)), gaps_(layer.weight_density > 0.0 ? layer.weight_density : 1.0) {}

void ColumnGenerator::append_rows(std::uint32_t column, std::vector<std::uint32_t>& rows) const {
  if (layer_.weight_density == 0.0) {
    return;
  }
  RandomStream stream(layer_.seed, StreamPurpose::row_positions, column);
  for (std::uint64_t row = gaps_.draw(stream, layer_.rows); row < layer_.rows;
       row += 1 + gaps_.draw(stream, layer_.rows - row)) {
    rows.push_back(static_cast<std::uint32_t>(row));
  }
}

void ColumnGenerator::append_codes(std::uint32_t column, std::size_t count,
                                   std::vector<std::uint8_t>& codes) const {
  RandomStream stream(layer_.seed, StreamPurpose::weight_codes, column);
  const std::uint32_t shared_values = (1U << layer_.codebook_index_bits) - 1;
  for (std::size_t i = 0; i < count; ++i) {
    codes.push_back(static_cast<std::uint8_t>(1 + stream.below(shared_values)));
  }
}

}  // namespace lacuna
