#pragma once

#include <string>
#include <vector>

#include "models/tomato/rtl/emit_design.h"

namespace lacuna::tomato {

/// The ports of a design's top, which a module around it has too: clock, reset, the streams at both ends.
std::string stream_ports(const Design& design);

/// A concatenation of SystemVerilog, the first part in the lowest bits; '0 without parts.
std::string concatenation(const std::vector<std::string>& parts);

}  // namespace lacuna::tomato
