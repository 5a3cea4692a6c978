#pragma once

#include "sim/family/family.h"

namespace lacuna::tomato {

/// Streaming accelerators for FPGAs, generated for one network.
const Family& tomato_family();

}  // namespace lacuna::tomato
