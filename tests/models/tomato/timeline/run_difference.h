#pragma once

#include <string>

#include "models/tomato/engine.h"

namespace lacuna::test {

/// The first number in which two runs of a pipeline differ, in words; empty if none.
std::string run_difference(const tomato::Pipeline& pipeline, const tomato::RunResult& a,
                           const tomato::RunResult& b);

}  // namespace lacuna::test
