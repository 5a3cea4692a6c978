#pragma once

#include <memory>
#include <string>

#include "sim/sweep/result_files.h"

namespace lacuna {

/// Results as an SQLite file: table `results` (a row for each point: axes, status, reason, metrics), view
/// `pareto` (the rows of the front), table `sweep` (one row: what results.json says before its points).
/// Throws ConfigurationError when two axes are called alike but for upper and lower case, which SQL does not
/// tell apart.
std::unique_ptr<ResultWriter> make_table_writer(const Sweep& sweep, const std::string& path);

}  // namespace lacuna
