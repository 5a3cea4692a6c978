#include "sim/energy/formula_parser.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/energy/formula_scanner.h"
#include "sim/yaml/nearest.h"

namespace lacuna {
namespace {

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
      throw ConfigurationError(scanner_.place(), fmt::format("'{}' is no known name", name.substr(0, 60)),
                               suggest(name, names_.names()));
    }
    put(Operation::symbol, 0.0, *symbol);
  }

  void call(const std::string& name, int depth) {
    const auto* const function = std::find_if(functions.begin(), functions.end(),
                                              [&](const Function& each) { return each.name == name; });
    if (function == functions.end()) {
      scanner_.refuse(fmt::format("'{}' is no known function", name.substr(0, 60)));
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
