#pragma once

#include <string>

#include "models/eie/engine.h"

namespace lacuna::test {

/// The first fields in which two results differ, with their names; empty when they are equal in every field.
std::string run_difference(const eie::RunResult& expected, const eie::RunResult& got);

}  // namespace lacuna::test
