#include "sim/regress/junit_xml.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "sim/regress/regression_text.h"
#include "sim/report/markup_text.h"

namespace lacuna {
namespace {

using Status = RegressionOutcome::Status;

constexpr std::size_t max_rows = 50;

/// What a case says when it did not pass.
std::string body(const RegressionOutcome& outcome) {
  if (outcome.status == Status::changed) {
    return fmt::format("      <failure message=\"{} of {} values moved\">\n{}</failure>\n",
                       outcome.comparison.differences.size(), outcome.comparison.compared,
                       markup_escaped(changes_text({{}, {outcome}, {}}, max_rows)));
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
