#pragma once

#include "models/tomato/counters.h"
#include "models/tomato/timeline/gates.h"

namespace lacuna::tomato::timeline {

/// Events of one unit in one frame (contract, section 8), but for saturations, which depend on values, and
/// line_buffer_full_cycles, which depend on time.
UnitEventCounts frame_events(const Pipeline& pipeline, const Analysis& analysis, std::size_t unit,
                             const UnitGates& gates);

}  // namespace lacuna::tomato::timeline
