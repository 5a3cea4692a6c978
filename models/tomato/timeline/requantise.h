#pragma once

#include <cstdint>

#include "models/tomato/pipeline.h"

namespace lacuna::tomato::timeline {

/// One value through a requantisation (contract, section 6); `saturations` counts if the format clipped it.
std::int64_t requantise(const Requantisation& requantisation, std::size_t channel, std::int64_t value,
                        std::uint64_t& saturations);

}  // namespace lacuna::tomato::timeline
