#pragma once

#include "sim/family/family.h"

namespace lacuna {

/// Every family of machines that this program has.
const Families& families();

}  // namespace lacuna
