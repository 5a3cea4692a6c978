#pragma once

#include <string>

#include "sim/eie/run/layer_report.h"

namespace lacuna {

/// The part of the text report that only whole networks have: densities and traffic per layer, host work,
/// classes. Empty for other runs.
std::string network_text(const RunReport& report);

}  // namespace lacuna
