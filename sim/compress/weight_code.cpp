#include "sim/compress/weight_code.h"

namespace lacuna {

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

}  // namespace lacuna
