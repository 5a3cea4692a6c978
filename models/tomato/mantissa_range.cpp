#include "models/tomato/mantissa_range.h"

#include <algorithm>

namespace lacuna::tomato {

MantissaRange range_of(const Stream& stream) {
  return {static_cast<long double>(stream.min_mantissa), static_cast<long double>(stream.max_mantissa)};
}

MantissaRange product(const MantissaRange& a, const MantissaRange& b) {
  const auto corners = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
  return {std::min(corners), std::max(corners)};
}

MantissaRange sum(const MantissaRange& value, std::uint64_t terms) {
  const auto count = static_cast<long double>(terms);
  return {std::min(0.0L, value.low * count), std::max(0.0L, value.high * count)};
}

int two_complement_bits(std::int64_t low, std::int64_t high) {
  int bits = 1;
  while (low < -(std::int64_t{1} << (bits - 1)) || high > (std::int64_t{1} << (bits - 1)) - 1) {
    ++bits;
  }
  return bits;
}

}  // namespace lacuna::tomato
