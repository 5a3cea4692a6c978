#include "tests/models/tomato/random_format.h"

namespace lacuna::test {

NumberFormat random_stream_format(Dice& dice) {
  switch (dice.between(0, 5)) {
    case 0:
      return NumberFormat::shift(dice.number(3, 5), dice.number(-2, 6));
    case 1:
      return NumberFormat::ternary(dice.number(-4, 2));
    case 2:
      return NumberFormat::binary(dice.number(-4, 2));
    case 3:
      return NumberFormat::dynamic_fixed(dice.number(2, 10), dice.number(-8, 2));
    default: {
      const int width = dice.number(2, 10);
      return NumberFormat::fixed(width, dice.number(0, width - 1));
    }
  }
}

NumberFormat random_weight_format(Dice& dice) {
  if (dice.chance(25)) {
    return NumberFormat::recentralised_shift(dice.number(4, 6), dice.number(0, 6), dice.number(-5, 1),
                                             dice.number(-5, 1));
  }
  return random_stream_format(dice);
}

std::uint32_t random_code(Dice& dice, const NumberFormat& format) {
  const std::int64_t highest = (std::int64_t{1} << format.width_bits) - 1;
  for (;;) {
    const std::uint32_t code = dice.u32(0, highest);
    if (is_code(format, code)) {
      return code;
    }
  }
}

}  // namespace lacuna::test
