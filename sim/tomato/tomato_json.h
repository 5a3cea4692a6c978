#pragma once

#include <nlohmann/json_fwd.hpp>

#include "sim/tomato/run_tomato.h"

namespace lacuna::tomato {

/// The result of a run, schema lacuna.result/1 (docs/tomato.md, Result).
nlohmann::ordered_json result_json(const TomatoConfig& config, const TomatoReport& report);

}  // namespace lacuna::tomato
