#pragma once

#include <functional>
#include <memory>

#include "models/eie/engine.h"

namespace lacuna::eie {

/// An engine whose every run happens in a forked child process, which makes its own engine with `make` and
/// returns the result through a pipe. For engines of which a process can have only one (SystemC).
/// `parameters` are those that `make` uses. The calling process should have no other threads. A child that
/// throws has its Error rethrown here with the same message; a child that dies is an Error that names the
/// signal. Observers are told when the run is over.
std::unique_ptr<Engine> make_forked_engine(std::function<std::unique_ptr<Engine>(const Parameters&)> make,
                                           const Parameters& parameters);

}  // namespace lacuna::eie
