#include "sim/eie/validate/published_row.h"

#include <fmt/format.h>

#include "models/common/error.h"

namespace lacuna {

std::size_t find_row(const CsvTable& table, const std::string& column, const std::string& value) {
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (table.text(row, column) == value) {
      return row;
    }
  }
  throw InputDataError({table.path(), 0, {}}, fmt::format("no row has '{}' in the column {}", value, column));
}

}  // namespace lacuna
