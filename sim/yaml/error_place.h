#pragma once

#include <utility>

#include "models/common/error.h"

namespace lacuna {

/// Calls `action`; configuration and capacity errors that it throws get `place` (of the layer concerned) in
/// front.
template <class Action>
auto at_place(const ErrorPlace& place, Action&& action) {
  try {
    return std::forward<Action>(action)();
  } catch (const CapacityError& error) {
    throw CapacityError(place, error.what());
  } catch (const ConfigurationError& error) {
    throw ConfigurationError(place, error.what());
  }
}

}  // namespace lacuna
