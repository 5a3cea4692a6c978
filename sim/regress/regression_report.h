#pragma once

#include <cstddef>
#include <string>

#include <nlohmann/json_fwd.hpp>

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

/// The report as JSON, schema lacuna.regression/1 (docs/how-to/regression.md): every value that moved, worst
/// first. Holds no times: the same runs give the same bytes.
nlohmann::ordered_json regression_json(const RegressionReport& report);

/// The report as JUnit XML, which CI services show: one test case for each run and engine, `failure` with the
/// table of what moved, `error` with the message. Its `time` attributes are seconds measured, so its bytes
/// differ from one time to the next.
std::string junit_xml(const RegressionReport& report);

}  // namespace lacuna
