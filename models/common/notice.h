#pragma once

#include <functional>
#include <string>

namespace lacuna {

/// Says in one line that something begins which takes long, such as compiling a machine, to whoever listens.
/// For several threads.
void tell(const std::string& text);

/// From now on `listener` gets what is told, and nobody else; null for nobody, as at the start.
void listen(std::function<void(const std::string& text)> listener);

}  // namespace lacuna
