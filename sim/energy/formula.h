#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sim/energy/formula_step.h"
#include "sim/energy/symbols.h"
#include "sim/yaml/scalars.h"

namespace lacuna {

/// A number computed from named numbers: + - * /, parentheses, min, max, pow (two arguments), sqrt, log2,
/// ceil_log2, ceil, floor (one).
class Formula {
 public:
  Formula() = default;

  /// Throws ConfigurationError, with the place of the text, for what is no formula or uses a name that is not
  /// in `names`.
  Formula(const FormulaText& text, const SymbolNames& names);

  /// The number. Throws ConfigurationError, with the place of the text, when a name's value is not known or
  /// the result lies outside [min, max] or is no number.
  double evaluate(const SymbolValues& values, double min, double max) const;

  /// Why it cannot be evaluated: the reason of the first name it uses whose value is not known; empty if
  /// none.
  std::string unknown_because(const SymbolValues& values) const;

  /// Whether it is the number 0.
  bool is_plain_zero() const;

  /// Whether it uses a name.
  bool uses(std::size_t symbol) const;

 private:
  FormulaText text_;
  std::vector<FormulaStep> steps_;
};

}  // namespace lacuna
