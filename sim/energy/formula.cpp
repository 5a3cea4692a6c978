#include "sim/energy/formula.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/common/text.h"
#include "sim/energy/formula_parser.h"
#include "sim/energy/portable_math.h"

namespace lacuna {

std::size_t SymbolNames::add(const std::string& name, const ErrorPlace& place) {
  if (find(name)) {
    throw ConfigurationError(place, fmt::format("the name '{}' is taken", cut(name, 60)),
                             "each name once, and no parameter's");
  }
  names_.push_back(name);
  return names_.size() - 1;
}

std::optional<std::size_t> SymbolNames::find(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  return found == names_.end() ? std::nullopt
                               : std::optional<std::size_t>(static_cast<std::size_t>(found - names_.begin()));
}

namespace {

/// Of operations with one operand.
std::optional<double> of_one(FormulaOperation operation, double value) {
  switch (operation) {
    case FormulaOperation::negate:
      return -value;
    case FormulaOperation::square_root:
      return std::sqrt(value);
    case FormulaOperation::log2:
      return portable_log2(value);
    case FormulaOperation::ceil_log2:
      return std::ceil(portable_log2(value));
    case FormulaOperation::ceil:
      return std::ceil(value);
    case FormulaOperation::floor:
      return std::floor(value);
    default:
      return std::nullopt;
  }
}

/// As IEEE 754 has it, division by zero too: what comes of it may still be on the unused side of a minimum.
double quotient(double dividend, double divisor) {
  if (divisor != 0.0) {
    return dividend / divisor;
  }
  if (dividend == 0.0 || std::isnan(dividend)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return std::signbit(dividend) == std::signbit(divisor) ? std::numeric_limits<double>::infinity()
                                                         : -std::numeric_limits<double>::infinity();
}

double of_two(FormulaOperation operation, double first, double last) {
  switch (operation) {
    case FormulaOperation::add:
      return first + last;
    case FormulaOperation::subtract:
      return first - last;
    case FormulaOperation::multiply:
      return first * last;
    case FormulaOperation::divide:
      return quotient(first, last);
    case FormulaOperation::minimum:
      return std::min(first, last);
    case FormulaOperation::maximum:
      return std::max(first, last);
    default:
      return portable_pow(first, last);
  }
}

/// Puts the result in place of the operands.
void apply(FormulaOperation operation, std::vector<double>& stack) {
  const double last = stack.back();
  if (const std::optional<double> result = of_one(operation, last)) {
    stack.back() = *result;
    return;
  }
  stack.pop_back();
  stack.back() = of_two(operation, stack.back(), last);
}

}  // namespace

Formula::Formula(const FormulaText& text, const SymbolNames& names)
    : text_(text), steps_(parse_formula(text_, names)) {}

std::string Formula::unknown_because(const SymbolValues& values) const {
  for (const FormulaStep& step : steps_) {
    if (step.operation == FormulaOperation::symbol && !values.at(step.symbol).unknown_because.empty()) {
      return values[step.symbol].unknown_because;
    }
  }
  return {};
}

bool Formula::is_plain_zero() const {
  return steps_.size() == 1 && steps_.front().operation == FormulaOperation::number &&
         steps_.front().number == 0.0;
}

bool Formula::uses(std::size_t symbol) const {
  return std::any_of(steps_.begin(), steps_.end(), [symbol](const FormulaStep& step) {
    return step.operation == FormulaOperation::symbol && step.symbol == symbol;
  });
}

double Formula::evaluate(const SymbolValues& values, double min, double max) const {
  const std::string unknown = unknown_because(values);
  if (!unknown.empty()) {
    throw ConfigurationError(text_.place, unknown);
  }
  std::vector<double> stack;
  for (const FormulaStep& step : steps_) {
    if (step.operation == FormulaOperation::number) {
      stack.push_back(step.number);
    } else if (step.operation == FormulaOperation::symbol) {
      stack.push_back(values[step.symbol].number);
    } else {
      apply(step.operation, stack);
    }
  }
  const double result = stack.back();
  if (!(result >= min && result <= max)) {
    throw ConfigurationError(text_.place, fmt::format("'{}' is {}", cut(text_.text, 80), result),
                             fmt::format("a number from {} to {}", min, max));
  }
  return result;
}

}  // namespace lacuna
