#pragma once

#include <nlohmann/json_fwd.hpp>

#include "sim/family/result.h"

namespace lacuna {

/// The result as JSON, schema lacuna.result/2: the same keys for the same things of every family; what only
/// the family knows stands under its name, in the result, in each layer and in the totals. Holds no time
/// stamps and no paths: the same run gives the same bytes.
nlohmann::ordered_json result_json(const Result& result);

}  // namespace lacuna
