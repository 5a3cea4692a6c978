#pragma once

#include <nlohmann/json_fwd.hpp>

#include "sim/family/result.h"
#include "sim/tomato/run_tomato.h"

namespace lacuna::tomato {

/// A run of a streaming machine as every family reports it. A layer's cycles are those in which its engine
/// was busy.
Result tomato_result(const TomatoConfig& config, const TomatoReport& report);

/// Cycles per frame in the steady state: whole numbers as such, null for one frame.
nlohmann::ordered_json cycles_per_frame_json(const RunResult& result);

}  // namespace lacuna::tomato
