#pragma once

#include <nlohmann/json.hpp>

#include "sim/regress/regress.h"

namespace lacuna {

/// The report as JSON, schema lacuna.regression/1 (docs/regression.md): every value that moved, worst first.
/// Holds no times: the same runs give the same bytes.
nlohmann::ordered_json regression_json(const RegressionReport& report);

}  // namespace lacuna
