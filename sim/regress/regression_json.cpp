#include "sim/regress/regression_json.h"

#include <cmath>
#include <string>
#include <vector>

#include "sim/report/result_json.h"

namespace lacuna {
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
  Json json = {{"schema", "lacuna.regression/1"},
               {"program", "lacuna"},
               {"version", program_version()},
               {"suite", report.suite},
               {"passed", report.passed()},
               {"stale_golden_results", report.stale},
               {"runs", Json::array()}};
  for (const RegressionOutcome& outcome : report.outcomes) {
    json["runs"].push_back(outcome_json(outcome));
  }
  return json;
}

}  // namespace lacuna
