#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "models/tomato/stream_rules.h"

namespace lacuna::tomato {

Stream StreamRules::weighted(const Stream& from, std::uint64_t terms, std::uint32_t channels) const {
  const NumberFormat& format = unit_.weights.format;
  check_format(format, {{}, 0, unit_.name});
  const MantissaRange weight{static_cast<long double>(min_mantissa(format)),
                             static_cast<long double>(max_mantissa(format))};
  check_operand(weight, "weights");
  check_operand(range_of(from), "inputs");
  Stream stream = accumulated(pixel(from), sum(product(weight, range_of(from)), terms));
  stream.unit_exponent += unit_exponent(format);
  stream.is_gate = false;
  stream.map.channels = channels;
  check_map(stream.map);
  check_weights(terms * channels);
  return stream;
}

void StreamRules::check_operand(const MantissaRange& range, const char* what) const {
  if (range.low < static_cast<long double>(std::numeric_limits<std::int32_t>::min()) ||
      range.high > static_cast<long double>(std::numeric_limits<std::int32_t>::max())) {
    throw error(fmt::format("its {} have mantissas of more than 32 bits", what),
                "a requantisation before it");
  }
}

void StreamRules::check_weights(std::uint64_t count) const {
  const std::vector<std::int32_t>& mantissas = unit_.weights.mantissas;
  if (mantissas.empty()) {
    return;
  }
  if (mantissas.size() != count) {
    throw error(fmt::format("{} weights", mantissas.size()), fmt::format("{} or none", count));
  }
  const auto [low, high] = std::minmax_element(mantissas.begin(), mantissas.end());
  if (*low < min_mantissa(unit_.weights.format) || *high > max_mantissa(unit_.weights.format)) {
    throw error("a weight lies outside its format " + to_text(unit_.weights.format));
  }
}

Stream StreamRules::requantised() const {
  const Requantisation& r = unit_.requantisation;
  if (r.format.kind == NumberKind::recentralised_shift) {
    throw error("recentralised shift is a format of weights", "another format");
  }
  Stream stream = coded(input_pixel(), r.format);
  stream.is_gate = false;
  check_scales(r.scale, stream.map.channels, "scales");
  check_scales(r.offset, stream.map.channels, "offsets");
  if (input().width_bits > 46 || r.shift > 62 || r.offset_shift > 45) {
    throw error("its input has more than 46 bits, or a shift is out of range",
                "shift 0..62, offset_shift 0..45");
  }
  if (r.relu) {
    if (r.format.kind == NumberKind::binary) {
      throw error("a rectifier in a format without a zero", "a binary layer has none");
    }
    stream.min_mantissa = 0;
    if (r.maximum) {
      check_maximum(r.format, *r.maximum);
      stream.max_mantissa = *r.maximum;
    }
  }
  return stream;
}

void StreamRules::check_scales(const std::vector<std::int32_t>& values, std::uint32_t channels,
                               const char* what) const {
  const bool fits = values.size() == 1 || values.size() == channels;
  const bool narrow = std::all_of(values.begin(), values.end(),
                                  [](std::int32_t value) { return value >= -32768 && value <= 32767; });
  if (!fits || !narrow) {
    throw error(
        fmt::format("its {} {} are not 16-bit, or not one or one for each channel", values.size(), what),
        fmt::format("1 or {} integers of 16 bits", channels));
  }
}

void StreamRules::check_maximum(const NumberFormat& format, std::int64_t maximum) const {
  const bool in_range = maximum >= 0 && maximum <= max_mantissa(format);
  const int unit = unit_exponent(format);
  if (!in_range || decode(format, encode(format, {maximum, unit}, Rounding::nearest)) != maximum) {
    throw error(fmt::format("the rectifier's maximum {} is no mantissa of {}", maximum, to_text(format)));
  }
}

}  // namespace lacuna::tomato
