#pragma once

#include <cstdint>

#include "models/tomato/analysis.h"

namespace lacuna::tomato {

/// Accumulators are at most this wide (contract, section 6).
inline constexpr int widest_accumulator_bits = 62;

/// A range of mantissas, in numbers wide enough for products of sums.
struct MantissaRange {
  long double low = 0;
  long double high = 0;
};

MantissaRange range_of(const Stream& stream);

MantissaRange product(const MantissaRange& a, const MantissaRange& b);

/// Sums of 0 to `terms` values.
MantissaRange sum(const MantissaRange& value, std::uint64_t terms);

/// Bits of the narrowest two's complement that holds the range.
int two_complement_bits(std::int64_t low, std::int64_t high);

}  // namespace lacuna::tomato
