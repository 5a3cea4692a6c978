#include "sim/energy/operation_table.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/common/error.h"
#include "sim/energy/portable_math.h"
#include "sim/files/csv_table.h"

namespace lacuna {

OperationTable::OperationTable(const std::string& path, const std::string& operation, double least_bits,
                               double most_bits, const ErrorPlace& place)
    : operation_(operation), least_bits_(least_bits), most_bits_(most_bits) {
  const CsvTable table(path);
  std::set<std::string> operations;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    operations.insert(table.text(row, "operation"));
    if (table.text(row, "operation") != operation) {
      continue;
    }
    const std::pair<double, double> point = {table.number(row, "bits"), table.number(row, "energy_pj")};
    if (!(point.first > 0.0 && point.second > 0.0)) {
      throw InputDataError({path, table.line(row), {}}, "width or energy is not positive", "numbers above 0");
    }
    points_.push_back(point);
  }
  if (points_.empty()) {
    throw ConfigurationError(place, fmt::format("'{}' is not in the file", operation.substr(0, 60)),
                             fmt::format("allowed: {}", fmt::join(operations, ", ")));
  }
  std::sort(points_.begin(), points_.end());
  const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
  if (std::adjacent_find(points_.begin(), points_.end(), same) != points_.end()) {
    throw InputDataError({path, 0, {}}, fmt::format("{} has a width twice", operation), "each once");
  }
}

double OperationTable::energy_pj(double bits, const ErrorPlace& place) const {
  if (!(bits >= least_bits_ && bits <= most_bits_)) {
    throw ConfigurationError(place, fmt::format("{} of {} bits", operation_, bits),
                             fmt::format("{} to {} bits", least_bits_, most_bits_));
  }
  if (points_.size() == 1) {
    return points_.front().second * bits / points_.front().first;
  }
  auto upper = std::upper_bound(points_.begin() + 1, points_.end() - 1, bits,
                                [](double wanted, const auto& point) { return wanted < point.first; });
  const auto& [x0, y0] = *(upper - 1);
  const auto& [x1, y1] = *upper;
  return power_law(bits, x0, y0, x1, y1);
}

}  // namespace lacuna
