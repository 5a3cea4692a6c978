#pragma once

#include <cstdint>
#include <vector>

#include "models/tomato/analysis.h"
#include "models/tomato/pipeline.h"
#include "sim/tomato/balance.h"

namespace lacuna::tomato {

/// Cycles per frame that each unit may need (as Pipeline::units) in a machine that keeps to `target` with all
/// gates open. In a machine with trained gates, which are never all open, units without gates would be what
/// the others wait for: they are made for the rate that the engines with gates come to with as many channels
/// open as the winners keep, spread evenly over the lanes. Elsewhere, and for units with stated factors:
/// `target`.
std::vector<std::uint64_t> gated_targets(const Pipeline& pipeline, const Analysis& analysis,
                                         const std::vector<FixedUnroll>& fixed, std::uint64_t target);

}  // namespace lacuna::tomato
