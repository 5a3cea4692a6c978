#pragma once

#include "sim/eie/config/run_config.h"
#include "sim/eie/run/layer_report.h"
#include "sim/family/result.h"

namespace lacuna {

/// A run on EIE as every family reports it.
Result eie_result(const RunConfig& config, const RunReport& report);

}  // namespace lacuna
