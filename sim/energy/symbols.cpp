#include "sim/energy/symbols.h"

#include <algorithm>

#include <fmt/format.h>

#include "models/common/error.h"

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

}  // namespace lacuna
