#pragma once

#include <string>

#include "sim/tomato/run_tomato.h"

namespace lacuna::tomato {

/// The tables that `lacuna run` prints.
std::string text_report(const TomatoConfig& config, const TomatoReport& report);

}  // namespace lacuna::tomato
