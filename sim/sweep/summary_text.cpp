#include <fmt/format.h>

#include "sim/report/text_table.h"
#include "sim/sweep/run_sweep.h"

namespace lacuna {
namespace {

/// The key without the section that all parameters share; of layers' settings with the layer.
std::string short_key(const std::string& key) {
  const std::string of_layers = "architecture.layers.";
  if (key.compare(0, of_layers.size(), of_layers) == 0) {
    return key.substr(of_layers.size());
  }
  const std::size_t dot = key.rfind('.');
  return dot == std::string::npos ? key : key.substr(dot + 1);
}

std::string front_text(const Sweep& sweep, const SweepSummary& summary) {
  std::vector<std::string> titles = {"point"};
  for (const Axis& axis : sweep.axes()) {
    titles.push_back(short_key(axis.key));
  }
  for (const Objective& objective : sweep.objectives) {
    titles.push_back(objective.name);
  }
  TextTable table(titles);
  for (const auto& row : summary.front_rows) {
    table.add_row(row);
  }
  std::string text = fmt::format("\nPareto front: {} points\n\n", summary.front.size()) + table.str();
  if (summary.front.size() > summary.front_rows.size()) {
    text += fmt::format("and {} more in pareto.csv\n", summary.front.size() - summary.front_rows.size());
  }
  return text;
}

}  // namespace

std::string summary_text(const Sweep& sweep, const SweepSummary& summary) {
  std::string text = fmt::format("{} points: {} run now, {} from before", summary.points,
                                 summary.points - summary.kept, summary.kept);
  text += fmt::format("; {} failed, {} infeasible", summary.failed, summary.infeasible);
  text +=
      summary.excluded == 0 ? "\n" : fmt::format("; {} not run, outside the constraints\n", summary.excluded);
  for (const auto& [number, error] : summary.first_failures) {
    text += fmt::format("failed: point {}: {}\n", number, error);
  }
  if (summary.failed > summary.first_failures.size()) {
    text += fmt::format("and {} more in results.csv\n", summary.failed - summary.first_failures.size());
  }
  if (!sweep.objectives.empty()) {
    text += front_text(sweep, summary);
  }
  for (const auto& [number, difference] : summary.check_failures) {
    text += fmt::format("CHECK FAILED: point {}: {}\n", number, difference);
  }
  if (summary.checked > 0) {
    text += fmt::format("check: {} of {} points are equal on SystemC\n",
                        summary.checked - summary.check_failures.size(), summary.checked);
  }
  return text;
}

}  // namespace lacuna
