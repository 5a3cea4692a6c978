#pragma once

#include <string>

#include "sim/regress/regress.h"

namespace lacuna {

/// The report as JUnit XML, which CI services show: one test case for each run and engine, `failure` with the
/// table of what moved, `error` with the message. Its `time` attributes are seconds measured, so its bytes
/// differ from one time to the next.
std::string junit_xml(const RegressionReport& report);

}  // namespace lacuna
