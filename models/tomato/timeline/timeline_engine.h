#pragma once

#include <memory>

#include "models/tomato/engine.h"

namespace lacuna::tomato {

/// The fast engine: the contract's recurrences, token by token, without a clock. Throws as `analyse` does.
/// `threads` share the frames' values; results do not depend on it.
std::unique_ptr<Engine> make_timeline_engine(const Pipeline& pipeline, const Parameters& parameters,
                                             unsigned threads = 1);

}  // namespace lacuna::tomato
