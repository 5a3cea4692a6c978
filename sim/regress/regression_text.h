#pragma once

#include <cstddef>
#include <string>

#include "sim/regress/regress.h"

namespace lacuna {

/// For a terminal: one line per run and engine, what moved (worst first, at most `max_rows` rows), notes, and
/// a summary.
std::string regression_text(const RegressionReport& report, std::size_t max_rows = 50);

/// What moved, worst first over all outcomes: at most `max_rows` rows of a table and how many more there are;
/// empty when nothing moved.
std::string changes_text(const RegressionReport& report, std::size_t max_rows);

/// Differences in version, configuration and inputs, which do not count.
std::string notes_text(const RegressionReport& report, std::size_t max_rows);

}  // namespace lacuna
