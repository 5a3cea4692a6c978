#pragma once

#include <cstdint>

#include "models/eie/timeline/lane_registers.h"
#include "models/eie/timeline/lane_times.h"
#include "models/eie/timeline/phase_kernel.h"

namespace lacuna::eie {

#ifdef LACUNA_HAS_LANE_REGISTERS
/// The recurrences over one slice for `register_lanes` lanes whose times stay in registers, with `bypass`, or
/// without pointer prefetch.
void advance_register(PhaseState& state, const CountCells<std::uint8_t>& cells, const SliceWork& work,
                      LaneTimes<std::int16_t>& lanes, bool bypass);
#endif

}  // namespace lacuna::eie
