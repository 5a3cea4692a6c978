#include "sim/regress/regression_text.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/report/text_table.h"

namespace lacuna {
namespace {

constexpr std::size_t max_value_columns = 20;
constexpr std::size_t max_notes = 10;

std::string shortened(const std::string& text, std::size_t most) {
  return display_width(text) <= most ? text : std::string(cut_to_width(text, most - 2)) + "..";
}

/// The path without the layer, which has a column of its own.
std::string value_name(const Difference& difference) {
  if (difference.layer.empty()) {
    return difference.path;
  }
  const std::size_t dot = difference.path.find('.', difference.path.find('.') + 1);
  return dot == std::string::npos ? difference.path : difference.path.substr(dot + 1);
}

std::string run_and_engine(const RegressionOutcome& outcome) {
  return outcome.engine.empty() ? outcome.run : outcome.run + "/" + outcome.engine;
}

/// Differences of all outcomes, each with its outcome, worst first.
std::vector<std::pair<const RegressionOutcome*, Difference>> all_changes(const RegressionReport& report) {
  std::vector<Difference> differences;
  std::map<std::string, const RegressionOutcome*> owners;
  for (std::size_t i = 0; i < report.outcomes.size(); ++i) {
    for (Difference each : report.outcomes[i].comparison.differences) {
      const std::string key = fmt::format("{} {}", i, each.path);
      owners[key] = &report.outcomes[i];
      each.path = key;
      differences.push_back(std::move(each));
    }
  }
  std::vector<std::pair<const RegressionOutcome*, Difference>> changes;
  for (Difference& each : worst_first(std::move(differences))) {
    const RegressionOutcome* const owner = owners.at(each.path);
    each.path.erase(0, each.path.find(' ') + 1);
    changes.emplace_back(owner, std::move(each));
  }
  return changes;
}

std::string largest_change(const RegressionOutcome& outcome) {
  const auto sorted = worst_first(outcome.comparison.differences);
  return sorted.empty() ? "" : change_text(sorted.front());
}

/// How much the whole run's cycles moved: the first thing that one wants to know.
std::string cycles_change(const RegressionOutcome& outcome) {
  const auto& differences = outcome.comparison.differences;
  const auto found = std::find_if(differences.begin(), differences.end(),
                                  [](const Difference& each) { return each.path == "totals.cycles"; });
  return found == differences.end() ? "" : change_text(*found);
}

std::string outcomes_table(const RegressionReport& report) {
  TextTable table({"run", "engine", "status", "values", "moved", "worst", "cycles"});
  for (const RegressionOutcome& outcome : report.outcomes) {
    table.add_row({outcome.run, outcome.engine, status_name(outcome.status),
                   fmt::format("{}", outcome.comparison.compared),
                   fmt::format("{}", outcome.comparison.differences.size()), largest_change(outcome),
                   cycles_change(outcome)});
  }
  return table.str();
}

std::string messages_text(const RegressionReport& report) {
  std::string text;
  for (const RegressionOutcome& outcome : report.outcomes) {
    if (!outcome.message.empty()) {
      text +=
          fmt::format("{}: {}: {}\n", status_name(outcome.status), run_and_engine(outcome), outcome.message);
    }
  }
  for (const std::string& name : report.stale) {
    text += fmt::format("note: the golden result {} belongs to no run\n", name);
  }
  return text;
}

std::string summary_line(const RegressionReport& report) {
  std::map<RegressionOutcome::Status, std::size_t> counts;
  std::size_t compared = 0;
  for (const RegressionOutcome& outcome : report.outcomes) {
    ++counts[outcome.status];
    compared += outcome.comparison.compared;
  }
  std::string text = fmt::format("{} runs:", report.outcomes.size());
  const char* separator = " ";
  for (const auto& [status, count] : counts) {
    text += fmt::format("{}{} {}", separator, count, status_name(status));
    separator = ", ";
  }
  return text + fmt::format("; {} values compared\n", compared);
}

}  // namespace

std::string changes_text(const RegressionReport& report, std::size_t max_rows) {
  const auto changes = all_changes(report);
  if (changes.empty()) {
    return {};
  }
  TextTable table({"run", "layer", "value", "old", "new", "change"});
  const std::size_t shown = std::min(changes.size(), max_rows);
  for (std::size_t i = 0; i < shown; ++i) {
    const Difference& each = changes[i].second;
    table.add_row({run_and_engine(*changes[i].first), shortened(each.layer, max_value_columns),
                   value_name(each), shortened(each.base, max_value_columns),
                   shortened(each.now, max_value_columns), change_text(each)});
  }
  std::string text = table.str();
  if (shown < changes.size()) {
    text += fmt::format("and {} more; --json writes all\n", changes.size() - shown);
  }
  return text;
}

std::string notes_text(const RegressionReport& report, std::size_t max_rows) {
  std::string text;
  std::size_t count = 0;
  for (const RegressionOutcome& outcome : report.outcomes) {
    for (const Difference& each : outcome.comparison.circumstances) {
      if (count++ < max_rows) {
        text +=
            fmt::format("note: {}{}: {} -> {}\n", outcome.run.empty() ? "" : run_and_engine(outcome) + ": ",
                        each.path, each.base, each.now);
      }
    }
  }
  return count <= max_rows ? text : text + fmt::format("note: and {} more\n", count - max_rows);
}

std::string regression_text(const RegressionReport& report, std::size_t max_rows) {
  std::string text = outcomes_table(report) + "\n";
  const std::string changes = changes_text(report, max_rows);
  text += changes.empty() ? changes : changes + "\n";
  return text + notes_text(report, max_notes) + messages_text(report) + summary_line(report);
}

}  // namespace lacuna
