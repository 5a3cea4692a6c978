#include "models/tomato/timeline/requantise.h"

#include <algorithm>
#include <cstddef>

namespace lacuna::tomato::timeline {
namespace {

std::int32_t of_channel(const std::vector<std::int32_t>& values, std::size_t channel) {
  return values.size() == 1 ? values.front() : values[channel];
}

/// t / 2^shift as a mantissa of a two's complement format.
std::int64_t encode_integer(const Requantisation& r, std::int64_t t, std::uint64_t& saturations) {
  const std::int64_t rounded = round_shift(t, static_cast<int>(r.shift), r.rounding);
  const std::int64_t kept = std::clamp(rounded, min_mantissa(r.format), max_mantissa(r.format));
  saturations += kept == rounded ? 0 : 1;
  return kept;
}

/// Whether the nearest number on a grid that went on beyond `largest` would be larger than it: halfway to the
/// next power of two, or to the next integer for ternary.
bool is_clipped(const Requantisation& r, std::int64_t t) {
  if (r.format.kind == NumberKind::binary) {
    return false;
  }
  // |t| / 2^shift >= 1.5 * largest: both kinds have their next number at or beyond twice the largest.
  const auto doubled = 2 * static_cast<std::uint64_t>(t < 0 ? -t : t);
  return (doubled >> r.shift) >= 3 * static_cast<std::uint64_t>(max_mantissa(r.format));
}

std::int64_t encode_nearest_code(const Requantisation& r, std::int64_t t, std::uint64_t& saturations) {
  saturations += is_clipped(r, t) ? 1 : 0;
  const int exponent = unit_exponent(r.format) - static_cast<int>(r.shift);
  return decode(r.format, encode(r.format, {t, exponent}, r.rounding));
}

}  // namespace

std::int64_t requantise(const Requantisation& r, std::size_t channel, std::int64_t value,
                        std::uint64_t& saturations) {
  const std::int64_t t = value * of_channel(r.scale, channel) +
                         of_channel(r.offset, channel) * (std::int64_t{1} << r.offset_shift);
  std::int64_t q = r.format.is_two_complement() ? encode_integer(r, t, saturations)
                                                : encode_nearest_code(r, t, saturations);
  if (r.relu) {
    q = std::max<std::int64_t>(q, 0);
    q = std::min(q, r.maximum.value_or(q));
  }
  return q;
}

}  // namespace lacuna::tomato::timeline
