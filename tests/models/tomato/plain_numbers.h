#pragma once

#include <cstdint>

#include "models/tomato/pipeline.h"

// Number formats by the definitions of the publications, as real numbers.
namespace lacuna::test::plain {

using Real = long double;

/// 2^exponent
Real power(int exponent);

/// A code's value.
Real value_of(const NumberFormat& f, std::uint32_t code);

/// The format's number that stands for a value.
Real round_to_format(const NumberFormat& f, Real value, Rounding rounding);

/// The smallest number; with `rectified` ReLU comes before.
Real lowest_of(const NumberFormat& f, bool rectified);

}  // namespace lacuna::test::plain
