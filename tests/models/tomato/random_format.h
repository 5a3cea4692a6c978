#pragma once

#include <cstdint>

#include "models/tomato/pipeline.h"
#include "tests/dice.h"

namespace lacuna::test {

/// A format of streams, of any kind but recentralised shift.
NumberFormat random_stream_format(Dice& dice);

/// A format of weights, of any kind.
NumberFormat random_weight_format(Dice& dice);

/// Any of a format's codes.
std::uint32_t random_code(Dice& dice, const NumberFormat& format);

}  // namespace lacuna::test
