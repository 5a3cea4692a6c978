#include "sim/regress/regression_report.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/version.h"
#include "sim/report/text_formats.h"
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
  for (const std::string& note : report.notes) {
    text += "note: " + note + "\n";
  }
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

namespace {

using Json = nlohmann::ordered_json;

Json difference_json(const Difference& difference) {
  Json json = {{"path", difference.path}};
  if (!difference.layer.empty()) {
    json["layer"] = difference.layer;
  }
  json["old"] = difference.base;
  json["new"] = difference.now;
  const bool has_share = difference.change && std::isfinite(*difference.change);
  json["change_percent"] = has_share ? Json(*difference.change * 100.0) : Json(nullptr);
  return json;
}

Json differences_json(const std::vector<Difference>& differences) {
  Json json = Json::array();
  for (const Difference& each : worst_first(differences)) {
    json.push_back(difference_json(each));
  }
  return json;
}

Json outcome_json(const RegressionOutcome& outcome) {
  Json json = {{"run", outcome.run},
               {"engine", outcome.engine},
               {"status", status_name(outcome.status)},
               {"compared", outcome.comparison.compared}};
  if (!outcome.message.empty()) {
    json["message"] = outcome.message;
  }
  json["moved"] = differences_json(outcome.comparison.differences);
  json["notes"] = differences_json(outcome.comparison.circumstances);
  return json;
}

}  // namespace

Json regression_json(const RegressionReport& report) {
  Json json = {{"schema", "lacuna.regression/1"}, {"program", "lacuna"},
               {"version", program_version()},    {"suite", report.suite},
               {"passed", report.passed()},       {"stale_golden_results", report.stale},
               {"notes", report.notes},           {"runs", Json::array()}};
  for (const RegressionOutcome& outcome : report.outcomes) {
    json["runs"].push_back(outcome_json(outcome));
  }
  return json;
}

namespace {

using Status = RegressionOutcome::Status;

constexpr std::size_t max_rows = 50;

/// What a case says when it did not pass.
std::string body(const RegressionOutcome& outcome) {
  if (outcome.status == Status::changed) {
    return fmt::format("      <failure message=\"{} of {} values moved\">\n{}</failure>\n",
                       outcome.comparison.differences.size(), outcome.comparison.compared,
                       markup_escaped(changes_text({{}, {outcome}, {}, {}}, max_rows)));
  }
  if (outcome.status == Status::missing) {
    return fmt::format("      <failure message=\"{}\"/>\n", markup_escaped(outcome.message));
  }
  return outcome.status == Status::failed
             ? fmt::format("      <error message=\"{}\"/>\n", markup_escaped(outcome.message))
             : std::string();
}

std::string test_case(const RegressionReport& report, const RegressionOutcome& outcome) {
  const std::string name = outcome.engine.empty() ? outcome.run : outcome.run + "/" + outcome.engine;
  const std::string head = fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"",
                                       markup_escaped(report.suite), markup_escaped(name), outcome.seconds);
  const std::string inside = body(outcome);
  return inside.empty() ? head + "/>\n" : head + ">\n" + inside + "    </testcase>\n";
}

}  // namespace

std::string junit_xml(const RegressionReport& report) {
  const auto count = [&report](auto&&... statuses) {
    return std::count_if(report.outcomes.begin(), report.outcomes.end(),
                         [&](const RegressionOutcome& each) { return ((each.status == statuses) || ...); });
  };
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  text += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n",
                      markup_escaped(report.suite), report.outcomes.size(),
                      count(Status::changed, Status::missing), count(Status::failed));
  for (const RegressionOutcome& outcome : report.outcomes) {
    text += test_case(report, outcome);
  }
  return text + "  </testsuite>\n</testsuites>\n";
}

}  // namespace lacuna
