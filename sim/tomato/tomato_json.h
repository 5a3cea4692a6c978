#pragma once

#include <nlohmann/json_fwd.hpp>

#include "sim/tomato/run_tomato.h"

namespace lacuna::tomato {

/// Cycles per frame of the steady state, a whole number where they are one; null for one frame.
nlohmann::ordered_json cycles_per_frame_json(const RunResult& result);

/// The result of a run, schema lacuna.result/1 (docs/tomato.md, Result).
nlohmann::ordered_json result_json(const TomatoConfig& config, const TomatoReport& report);

}  // namespace lacuna::tomato
