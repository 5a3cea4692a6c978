#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/tomato/pipeline.h"

namespace lacuna::tomato::timeline {

/// Values through a requantisation (contract, section 6), [pixel][channel] into `results`, which has as many
/// places. How many values the format clipped.
std::uint64_t requantise(const Requantisation& requantisation, std::size_t channels,
                         const std::vector<std::int64_t>& values, std::vector<std::int64_t>& results);

}  // namespace lacuna::tomato::timeline
