#include "sim/energy/cost_tables.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/common/error.h"
#include "models/common/text.h"
#include "sim/energy/portable_math.h"
#include "sim/files/csv_table.h"

namespace lacuna {
namespace {

/// Combinations of a capacity and a width, characterised or not.
constexpr std::size_t max_points = std::size_t{1} << 20;

constexpr std::array<double SramFigures::*, 6> all_figures = {
    &SramFigures::read_pj,  &SramFigures::write_pj,  &SramFigures::leakage_mw,
    &SramFigures::area_um2, &SramFigures::access_ns, &SramFigures::cycle_ns};

double positive(const CsvTable& table, std::size_t row, const char* column) {
  const double value = table.number(row, column);
  if (!(value > 0.0)) {
    throw InputDataError({table.path(), table.line(row), column}, fmt::format("{} is not positive", value),
                         "a number above 0");
  }
  return value;
}

SramFigures read_figures(const CsvTable& table, std::size_t row) {
  constexpr double um2_per_mm2 = 1e6;
  return {positive(table, row, "read_energy_pJ"), positive(table, row, "write_energy_pJ"),
          positive(table, row, "leakage_mW"),     positive(table, row, "area_mm2") * um2_per_mm2,
          positive(table, row, "access_ns"),      positive(table, row, "cycle_ns")};
}

std::vector<double> sorted(const std::set<double>& values) {
  return {values.begin(), values.end()};
}

std::size_t index_of(const std::vector<double>& values, double value) {
  return static_cast<std::size_t>(std::lower_bound(values.begin(), values.end(), value) - values.begin());
}

/// The characterised values around `value`: equal ones where it is one of them.
std::pair<std::size_t, std::size_t> around(const std::vector<double>& values, double value) {
  const std::size_t above = index_of(values, value);
  return {values[above] == value ? above : above - 1, above};
}

SramFigures between(double x, double x0, const SramFigures& y0, double x1, const SramFigures& y1) {
  SramFigures result = y0;
  for (const auto figure : all_figures) {
    result.*figure = power_law(x, x0, y0.*figure, x1, y1.*figure);
  }
  return result;
}

}  // namespace

SramTable::SramTable(const std::string& path, const std::string& cell_type, const ErrorPlace& cell_type_place)
    : path_(path) {
  const CsvTable table(path);
  std::set<double> capacities;
  std::set<double> widths;
  std::set<std::string> cell_types;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    cell_types.insert(table.text(row, "cell_type"));
    if (table.text(row, "cell_type") == cell_type) {
      capacities.insert(positive(table, row, "capacity_bytes"));
      widths.insert(positive(table, row, "width_bits"));
    }
  }
  if (capacities.empty()) {
    throw ConfigurationError(cell_type_place,
                             fmt::format("'{}' is not in the characterisation", cut(cell_type, 60)),
                             fmt::format("allowed: {}", fmt::join(cell_types, ", ")));
  }
  capacities_ = sorted(capacities);
  widths_ = sorted(widths);
  if (capacities_.size() * widths_.size() > max_points) {
    throw InputDataError({path, 0, {}},
                         fmt::format("{} capacities and {} widths", capacities_.size(), widths_.size()),
                         fmt::format("at most {} combinations", max_points));
  }
  points_.resize(capacities_.size() * widths_.size());
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (table.text(row, "cell_type") != cell_type) {
      continue;
    }
    const std::size_t at = index_of(capacities_, table.number(row, "capacity_bytes")) * widths_.size() +
                           index_of(widths_, table.number(row, "width_bits"));
    if (points_[at].read_pj != 0.0) {
      throw InputDataError({path, table.line(row), {}}, "this memory stands there twice", "each once");
    }
    points_[at] = read_figures(table, row);
  }
}

const SramFigures* SramTable::find(std::size_t capacity, std::size_t width) const {
  const SramFigures& point = points_[capacity * widths_.size() + width];
  return point.read_pj == 0.0 ? nullptr : &point;
}

SramFigures SramTable::figures(double capacity_bytes, double width_bits, const ErrorPlace& place) const {
  const std::string asked = fmt::format("a memory of {} bytes by {} bits", capacity_bytes, width_bits);
  if (!(capacity_bytes >= capacities_.front() && capacity_bytes <= capacities_.back() &&
        width_bits >= widths_.front() && width_bits <= widths_.back())) {
    throw ConfigurationError(place, asked + " lies outside the characterisation",
                             fmt::format("{} to {} bytes, {} to {} bits", capacities_.front(),
                                         capacities_.back(), widths_.front(), widths_.back()));
  }
  const auto [smaller, larger] = around(capacities_, capacity_bytes);
  const auto [narrower, wider] = around(widths_, width_bits);
  for (const std::size_t capacity : {smaller, larger}) {
    for (const std::size_t width : {narrower, wider}) {
      if (find(capacity, width) == nullptr) {
        throw ConfigurationError(place, asked + " is not characterised",
                                 fmt::format("there is none of {} bytes by {} bits: too few words",
                                             capacities_[capacity], widths_[width]));
      }
    }
  }
  const auto at_width = [&, narrow = narrower, wide = wider](std::size_t capacity) {
    return between(width_bits, widths_[narrow], *find(capacity, narrow), widths_[wide],
                   *find(capacity, wide));
  };
  return between(capacity_bytes, capacities_[smaller], at_width(smaller), capacities_[larger],
                 at_width(larger));
}

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
    throw ConfigurationError(place, fmt::format("'{}' is not in the file", cut(operation, 60)),
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
