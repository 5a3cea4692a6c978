#pragma once

#include <nlohmann/json_fwd.hpp>

#include "sim/eie/config/run_config.h"
#include "sim/eie/run/layer_report.h"

namespace lacuna {

/// Version of the program, as in results and `--version`.
const char* program_version();

/// The result as JSON, schema lacuna.result/1 (docs/user-guide.md). Holds no time stamps and no paths.
nlohmann::ordered_json result_json(const RunConfig& config, const RunReport& report);

}  // namespace lacuna
