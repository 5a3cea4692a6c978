#pragma once

#include "sim/tomato/run_tomato.h"
#include "tests/models/tomato/random_pipeline.h"

namespace lacuna::test {

/// The machine of a run with its inputs, for any engine and for the plain reference, which takes the weights
/// as codes.
PipelineCase machine_case(const tomato::TomatoConfig& config, const tomato::TomatoReport& report);

/// Checks that the clocked engine gives the run's result in every field and the plain reference its values.
void check_clocked_and_plain(const tomato::TomatoConfig& config, const tomato::TomatoReport& report);

}  // namespace lacuna::test
