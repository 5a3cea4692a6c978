#include "sim/energy/formula_scanner.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna {

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
    refuse(fmt::format("'{}' is not a number", rest_.substr(0, 20)));
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
  refuse(fmt::format("'{}' is not expected here", rest_.substr(0, 20)));
}

void FormulaScanner::refuse(const std::string& wrong) const {
  throw ConfigurationError(place_, wrong, "a number or a formula such as 0.5 * spmat_width_bits");
}

}  // namespace lacuna
