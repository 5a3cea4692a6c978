#include "sim/energy/formula.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/config/nearest.h"
#include "sim/energy/portable_math.h"

namespace lacuna {

std::size_t SymbolNames::add(const std::string& name, const ErrorPlace& place) {
  if (find(name)) {
    throw ConfigurationError(place, fmt::format("the name '{}' is taken", name.substr(0, 60)),
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

/// Recursive descent; operands are put out before their operators.
class FormulaParser {
 public:
  using Operation = Formula::Operation;

  FormulaParser(const FormulaText& text, const SymbolNames& names)
      : place_(text.place), rest_(text.text), names_(names) {}

  std::vector<Formula::Step> parse() {
    sum(0);
    if (skip_blanks() != '\0') {
      refuse(fmt::format("'{}' is not expected here", rest_.substr(0, 20)));
    }
    return std::move(steps_);
  }

 private:
  static constexpr int max_depth = 32;

  struct Function {
    std::string_view name;
    Operation operation;
    int arguments;
  };
  static constexpr std::array<Function, 8> functions = {{{"min", Operation::minimum, 2},
                                                         {"max", Operation::maximum, 2},
                                                         {"pow", Operation::power, 2},
                                                         {"sqrt", Operation::square_root, 1},
                                                         {"log2", Operation::log2, 1},
                                                         {"ceil_log2", Operation::ceil_log2, 1},
                                                         {"ceil", Operation::ceil, 1},
                                                         {"floor", Operation::floor, 1}}};

  [[noreturn]] void refuse(const std::string& wrong) const {
    throw ConfigurationError(place_, wrong, "a number or a formula such as 0.5 * spmat_width_bits");
  }

  /// The next character that is no blank; 0 at the end.
  char skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
    return rest_.empty() ? '\0' : rest_.front();
  }

  bool take(char wanted) {
    const bool here = skip_blanks() == wanted;
    rest_.remove_prefix(here ? 1 : 0);
    return here;
  }

  void put(Operation operation, double number = 0.0, std::size_t symbol = 0) {
    steps_.push_back({operation, number, symbol});
  }

  void sum(int depth) {
    product(depth);
    for (;;) {
      if (take('+')) {
        product(depth);
        put(Operation::add);
      } else if (take('-')) {
        product(depth);
        put(Operation::subtract);
      } else {
        return;
      }
    }
  }

  void product(int depth) {
    factor(depth);
    for (;;) {
      if (take('*')) {
        factor(depth);
        put(Operation::multiply);
      } else if (take('/')) {
        factor(depth);
        put(Operation::divide);
      } else {
        return;
      }
    }
  }

  void factor(int depth) {
    if (depth > max_depth) {
      refuse("is nested too deeply");
    }
    const char next = skip_blanks();
    if (take('-')) {
      factor(depth + 1);
      put(Operation::negate);
    } else if (take('(')) {
      sum(depth + 1);
      close();
    } else if ((next >= '0' && next <= '9') || next == '.') {
      number();
    } else {
      named(depth);
    }
  }

  void close() {
    if (!take(')')) {
      refuse("a ')' is missing");
    }
  }

  void number() {
    double value = 0.0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc()) {
      refuse(fmt::format("'{}' is not a number", rest_.substr(0, 20)));
    }
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    put(Operation::number, value);
  }

  void named(int depth) {
    const std::size_t size =
        std::min(rest_.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_."),
                 rest_.size());
    if (size == 0) {
      refuse(rest_.empty() ? "the formula ends too soon"
                           : fmt::format("'{}' is not expected here", rest_.substr(0, 20)));
    }
    const std::string name(rest_.substr(0, size));
    rest_.remove_prefix(size);
    if (take('(')) {
      call(name, depth);
      return;
    }
    const auto symbol = names_.find(name);
    if (!symbol) {
      throw ConfigurationError(place_, fmt::format("'{}' is no known name", name.substr(0, 60)),
                               suggest(name, names_.names()));
    }
    put(Operation::symbol, 0.0, *symbol);
  }

  void call(const std::string& name, int depth) {
    const auto* const function = std::find_if(functions.begin(), functions.end(),
                                              [&](const Function& each) { return each.name == name; });
    if (function == functions.end()) {
      refuse(fmt::format("'{}' is no known function", name.substr(0, 60)));
    }
    for (int i = 0; i < function->arguments; ++i) {
      if (i > 0 && !take(',')) {
        refuse(fmt::format("{} takes {} arguments", name, function->arguments));
      }
      sum(depth + 1);
    }
    close();
    put(function->operation);
  }

  ErrorPlace place_;
  std::string_view rest_;
  const SymbolNames& names_;
  std::vector<Formula::Step> steps_;
};

Formula::Formula(const FormulaText& text, const SymbolNames& names)
    : text_(text), steps_(FormulaParser(text_, names).parse()) {}

std::string Formula::unknown_because(const SymbolValues& values) const {
  for (const Step& step : steps_) {
    if (step.operation == Operation::symbol && !values.at(step.symbol).unknown_because.empty()) {
      return values[step.symbol].unknown_because;
    }
  }
  return {};
}

bool Formula::is_plain_zero() const {
  return steps_.size() == 1 && steps_.front().operation == Operation::number && steps_.front().number == 0.0;
}

bool Formula::uses(std::size_t symbol) const {
  return std::any_of(steps_.begin(), steps_.end(), [symbol](const Step& step) {
    return step.operation == Operation::symbol && step.symbol == symbol;
  });
}

void Formula::apply(const Step& step, std::vector<double>& stack) {
  const double last = stack.back();
  switch (step.operation) {
    case Operation::negate:
      stack.back() = -last;
      return;
    case Operation::square_root:
      stack.back() = std::sqrt(last);
      return;
    case Operation::log2:
      stack.back() = portable_log2(last);
      return;
    case Operation::ceil_log2:
      stack.back() = std::ceil(portable_log2(last));
      return;
    case Operation::ceil:
      stack.back() = std::ceil(last);
      return;
    case Operation::floor:
      stack.back() = std::floor(last);
      return;
    default:
      break;
  }
  stack.pop_back();
  double& first = stack.back();
  switch (step.operation) {
    case Operation::add:
      first += last;
      return;
    case Operation::subtract:
      first -= last;
      return;
    case Operation::multiply:
      first *= last;
      return;
    case Operation::divide:
      first /= last;
      return;
    case Operation::minimum:
      first = std::min(first, last);
      return;
    case Operation::maximum:
      first = std::max(first, last);
      return;
    default:
      first = portable_pow(first, last);
  }
}

double Formula::evaluate(const SymbolValues& values, double min, double max) const {
  const std::string unknown = unknown_because(values);
  if (!unknown.empty()) {
    throw ConfigurationError(text_.place, unknown);
  }
  std::vector<double> stack;
  for (const Step& step : steps_) {
    if (step.operation == Operation::number) {
      stack.push_back(step.number);
    } else if (step.operation == Operation::symbol) {
      stack.push_back(values[step.symbol].number);
    } else {
      apply(step, stack);
    }
  }
  const double result = stack.back();
  if (!(result >= min && result <= max)) {
    throw ConfigurationError(text_.place, fmt::format("'{}' is {}", text_.text.substr(0, 80), result),
                             fmt::format("a number from {} to {}", min, max));
  }
  return result;
}

}  // namespace lacuna
