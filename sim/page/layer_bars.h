#pragma once

#include <string>
#include <vector>

#include "sim/page/json_fields.h"

namespace lacuna::page {

/// A number as the pages' data hold it: with six significant digits, whole numbers in full.
Json rounded(double value);

/// [{"name", "values"}] of named series.
struct Series {
  std::string name;
  std::vector<double> values;
};
Json series_json(const std::vector<Series>& series);

/// A result and the name that it has on the page.
struct NamedResult {
  std::string name;
  const Json* result = nullptr;  ///< flattened
};

/// The result with what stands in its family's sections beside what all families have.
Json flattened(const Json& result);

/// Data of a picture with a bar for each layer and result, or null when no layer has such values: cycles,
/// split by what the PEs (units) did in them, and energy by module, in nJ. Layers with the same name are the
/// same; of more than `most_layers` those with the most cycles are shown.
constexpr std::size_t most_layers = 200;
Json cycles_bars(const std::vector<NamedResult>& results);
Json energy_bars(const std::vector<NamedResult>& results);

/// What is left out of the bars, or nothing.
std::string layers_left_out(const std::vector<NamedResult>& results);

}  // namespace lacuna::page
