#pragma once

#include <cstddef>
#include <cstdint>

namespace lacuna {

/// What a step of a formula does.
enum class FormulaOperation : std::uint8_t {
  number,
  symbol,
  add,
  subtract,
  multiply,
  divide,
  negate,
  minimum,
  maximum,
  power,
  square_root,
  log2,
  ceil_log2,
  ceil,
  floor
};

/// One step of a formula in postfix order.
struct FormulaStep {
  FormulaOperation operation;
  double number;
  std::size_t symbol;
};

}  // namespace lacuna
