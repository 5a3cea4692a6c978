#pragma once

#include <vector>

#include "sim/family/family.h"

namespace lacuna {

/// The validations that `lacuna validate` offers of EIE.
std::vector<Validation> eie_validations();

}  // namespace lacuna
