#pragma once

#include <string>

#include "sim/eie/config/run_config.h"
#include "sim/eie/run/layer_report.h"

namespace lacuna {

/// The report for a terminal of 120 columns: machine, cycles, where they went, energy, classification.
std::string text_report(const RunConfig& config, const RunReport& report);

}  // namespace lacuna
