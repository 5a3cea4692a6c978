#pragma once

#include "sim/page/json_fields.h"

namespace lacuna::page {

/// The units and FIFOs of a streaming machine, as a result's family section lists them, for the picture of
/// the pipeline; null when there are none or more than can be drawn. FIFOs are named "producer -> consumer".
Json pipeline_data(const Json& result);

/// For each unit with multipliers what it attains and what its roof is made of: multiply-accumulates per
/// cycle of the run, per byte of the tokens that pass its FIFOs, the multipliers that it is unrolled to, and
/// the bytes per cycle at one token per cycle through the FIFO with the most. Null when there are none.
Json roofline_data(const Json& result);

}  // namespace lacuna::page
