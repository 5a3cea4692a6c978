#pragma once

#include "sim/family/family.h"

namespace lacuna {

/// EIE and its successors: processing elements that work on compressed sparse columns.
const Family& eie_family();

}  // namespace lacuna
