#pragma once

#include <functional>
#include <string>

#include "tests/models/eie/random_case.h"

namespace lacuna::test {

/// Makes a failing case smaller for as long as `fails` still holds: fewer columns, rows, nonzeros and
/// activations, and parameters nearer to the simplest machine.
Case shrink(Case failing, const std::function<bool(const Case&)>& fails);

/// The whole case, to be read by people or pasted into a test.
std::string as_yaml(const Case& c);

}  // namespace lacuna::test
