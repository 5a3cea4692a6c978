#pragma once

#include <string>

#include "models/common/error.h"
#include "models/tomato/analysis.h"

namespace lacuna::tomato {

// The steps of `analyse`, in their order.

/// Fills `inputs`, `outputs`, gate inputs, `order`, `source` and `sink`.
void analyse_graph(const Pipeline& pipeline, Analysis& analysis);

/// Fills `streams` and the token counts per frame.
void analyse_streams(const Pipeline& pipeline, Analysis& analysis);

/// Fills steps, `issue_cycles`, `latency_cycles` and `fully_unrolled` of one unit.
void plan_unit(const Pipeline& pipeline, const Parameters& parameters, std::size_t unit, Analysis& analysis);

/// An error in a unit of a pipeline.
inline PipelineError unit_error(const Pipeline& pipeline, const Unit& unit, const std::string& wrong,
                                const std::string& allowed = {}) {
  return {unit.layer, "pipeline \"" + pipeline.name + "\", unit \"" + unit.name + "\": " + wrong, allowed};
}

}  // namespace lacuna::tomato
