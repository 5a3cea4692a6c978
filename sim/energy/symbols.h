#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/common/error.h"

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

}  // namespace lacuna
