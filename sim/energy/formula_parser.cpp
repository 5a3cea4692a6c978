#include "sim/energy/formula_parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/common/text.h"
#include "sim/yaml/nearest.h"
#include "sim/yaml/scalars.h"

namespace lacuna {
namespace {

/// Reads a formula's text from left to right. Blanks between what is read are passed over. The text must
/// outlive this.
class FormulaScanner {
 public:
  explicit FormulaScanner(const FormulaText& text) : place_(text.place), rest_(text.text) {}

  /// The next character; 0 at the end.
  char next();

  /// Passes the next character if it is `wanted`; says whether it was.
  bool take(char wanted);

  /// Passes a number, or a name of letters, digits, _ and dots. Both throw ConfigurationError when something
  /// else stands there.
  double number();
  std::string name();

  /// Throws ConfigurationError unless the text has been read to its end.
  void expect_end();

  /// Throws ConfigurationError with the text's place.
  [[noreturn]] void refuse(const std::string& wrong) const;

  const ErrorPlace& place() const { return place_; }

 private:
  [[noreturn]] void refuse_next() const;

  ErrorPlace place_;
  std::string_view rest_;
};

char FormulaScanner::next() {
  rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
  return rest_.empty() ? '\0' : rest_.front();
}

bool FormulaScanner::take(char wanted) {
  const bool here = next() == wanted;
  rest_.remove_prefix(here ? 1 : 0);
  return here;
}

double FormulaScanner::number() {
  next();
  double value = 0.0;
  const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
  if (error != std::errc()) {
    refuse(fmt::format("'{}' is not a number", cut(rest_, 20)));
  }
  rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
  return value;
}

std::string FormulaScanner::name() {
  next();
  const std::size_t size =
      std::min(rest_.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_."),
               rest_.size());
  if (size == 0) {
    rest_.empty() ? refuse("the formula ends too soon") : refuse_next();
  }
  std::string result(rest_.substr(0, size));
  rest_.remove_prefix(size);
  return result;
}

void FormulaScanner::expect_end() {
  if (next() != '\0') {
    refuse_next();
  }
}

void FormulaScanner::refuse_next() const {
  refuse(fmt::format("'{}' is not expected here", cut(rest_, 20)));
}

void FormulaScanner::refuse(const std::string& wrong) const {
  throw ConfigurationError(place_, wrong, "a number or a formula such as 0.5 * spmat_width_bits");
}

/// Recursive descent; operands are put out before their operators.
class FormulaParser {
 public:
  using Operation = FormulaOperation;

  FormulaParser(const FormulaText& text, const SymbolNames& names) : scanner_(text), names_(names) {}

  std::vector<FormulaStep> parse() {
    sum(0);
    scanner_.expect_end();
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

  void put(Operation operation, double number = 0.0, std::size_t symbol = 0) {
    steps_.push_back({operation, number, symbol});
  }

  void sum(int depth) {
    product(depth);
    for (;;) {
      if (scanner_.take('+')) {
        product(depth);
        put(Operation::add);
      } else if (scanner_.take('-')) {
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
      if (scanner_.take('*')) {
        factor(depth);
        put(Operation::multiply);
      } else if (scanner_.take('/')) {
        factor(depth);
        put(Operation::divide);
      } else {
        return;
      }
    }
  }

  void factor(int depth) {
    if (depth > max_depth) {
      scanner_.refuse("is nested too deeply");
    }
    const char next = scanner_.next();
    if (scanner_.take('-')) {
      factor(depth + 1);
      put(Operation::negate);
    } else if (scanner_.take('(')) {
      sum(depth + 1);
      close();
    } else if ((next >= '0' && next <= '9') || next == '.') {
      put(Operation::number, scanner_.number());
    } else {
      named(depth);
    }
  }

  void close() {
    if (!scanner_.take(')')) {
      scanner_.refuse("a ')' is missing");
    }
  }

  void named(int depth) {
    const std::string name = scanner_.name();
    if (scanner_.take('(')) {
      call(name, depth);
      return;
    }
    const auto symbol = names_.find(name);
    if (!symbol) {
      throw ConfigurationError(scanner_.place(), fmt::format("'{}' is no known name", cut(name, 60)),
                               suggest(name, names_.names()));
    }
    put(Operation::symbol, 0.0, *symbol);
  }

  void call(const std::string& name, int depth) {
    const auto* const function = std::find_if(functions.begin(), functions.end(),
                                              [&](const Function& each) { return each.name == name; });
    if (function == functions.end()) {
      scanner_.refuse(fmt::format("'{}' is no known function", cut(name, 60)));
    }
    for (int i = 0; i < function->arguments; ++i) {
      if (i > 0 && !scanner_.take(',')) {
        scanner_.refuse(fmt::format("{} takes {} arguments", name, function->arguments));
      }
      sum(depth + 1);
    }
    close();
    put(function->operation);
  }

  FormulaScanner scanner_;
  const SymbolNames& names_;
  std::vector<FormulaStep> steps_;
};

}  // namespace

std::vector<FormulaStep> parse_formula(const FormulaText& text, const SymbolNames& names) {
  return FormulaParser(text, names).parse();
}

}  // namespace lacuna
