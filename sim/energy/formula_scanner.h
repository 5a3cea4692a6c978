#pragma once

#include <string>
#include <string_view>

#include "sim/yaml/scalars.h"

namespace lacuna {

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

}  // namespace lacuna
