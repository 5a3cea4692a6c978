#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/common/error.h"
#include "sim/yaml/scalars.h"

namespace lacuna {

/// The names that formulas of one table may use, each with its position.
class SymbolNames {
 public:
  /// Adds a name. Throws ConfigurationError (place) when it is there already.
  std::size_t add(const std::string& name, const ErrorPlace& place);
  std::optional<std::size_t> find(std::string_view name) const;
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
};

/// The numbers behind the names, by position. One that is not known says why; a formula that uses it throws.
struct SymbolValue {
  double number = 0.0;
  std::string unknown_because{};
};
using SymbolValues = std::vector<SymbolValue>;

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
