#pragma once

#include <string>

#include "sim/files/csv_table.h"

namespace lacuna {

/// The row of a table whose `column` holds `value`. Throws InputDataError when there is none.
std::size_t find_row(const CsvTable& table, const std::string& column, const std::string& value);

}  // namespace lacuna
