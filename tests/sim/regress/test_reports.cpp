#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "sim/regress/regression_report.h"

using namespace lacuna;
using Status = RegressionOutcome::Status;

namespace {

RegressionReport sample() {
  Comparison moved;
  moved.compared = 9;
  moved.differences = {{"layers.0.cycles", "fc<1>", "100", "103", 0.03, false},
                       {"layers.0.pe.busy.3", "fc<1>", "1", "9", 8.0, true},
                       {"totals.broadcasts", "", "10", "5", -0.5, false},
                       {"totals.macs", "", "0", "4", std::numeric_limits<double>::infinity(), false},
                       {"totals.cycles", "", "100", "101", 0.01, false},
                       {"layers.0.outputs_checksum", "fc<1>", "\"aa\"", "\"bb\"", std::nullopt, false}};
  moved.circumstances = {{"version", "", "1", "2", std::nullopt, false}};
  RegressionReport report;
  report.suite = "s";
  report.outcomes = {{"good", "rtl", Status::passed, {}, {}, 0.25},
                     {"bad", "timeline", Status::changed, {}, moved, 1.5},
                     {"broken", "systemc", Status::failed, "no \"file\"\x01 & <more>", {}, 0.0},
                     {"fresh", "systemc", Status::missing, "there is no golden result", {}, 0.0}};
  report.stale = {"old.json"};
  return report;
}

}  // namespace

TEST_CASE("what moved is listed worst first, single PEs last") {
  const auto sorted = worst_first(sample().outcomes[1].comparison.differences);
  std::string order;
  for (const Difference& each : sorted) {
    order += each.path + " " + change_text(each) + "\n";
  }
  CHECK(order ==
        "layers.0.outputs_checksum -\n"
        "totals.macs new\n"
        "totals.broadcasts -50 %\n"
        "layers.0.cycles +3 %\n"
        "totals.cycles +1 %\n"
        "layers.0.pe.busy.3 +800 %\n");
}

TEST_CASE("the text shows runs, changes, notes and a summary") {
  const std::string text = regression_text(sample(), 3);
  for (const char* part :
       {"bad     timeline  changed       9      6      -    +1 %", "outputs_checksum",
        "and 3 more; --json writes all", "note: bad/timeline: version: 1 -> 2",
        "failed: broken/systemc: no \"file\"", "note: the golden result old.json belongs to no run",
        "4 runs: 1 passed, 1 changed, 1 missing, 1 failed; 9 values compared"}) {
    INFO(text);
    INFO(part);
    CHECK(text.find(part) != std::string::npos);
  }
  CHECK(text.find("pe.busy.3") == std::string::npos);
}

TEST_CASE("the JSON has every change") {
  const auto json = regression_json(sample());
  CHECK(json["schema"] == "lacuna.regression/1");
  CHECK(json["passed"] == false);
  CHECK(json["stale_golden_results"][0] == "old.json");
  const auto& bad = json["runs"][1];
  CHECK(bad["status"] == "changed");
  REQUIRE(bad["moved"].size() == 6);
  CHECK(bad["moved"][1]["change_percent"].is_null());
  CHECK(bad["moved"][2]["change_percent"] == -50.0);
  CHECK(bad["moved"][3]["layer"] == "fc<1>");
  CHECK(bad["notes"][0]["path"] == "version");
  CHECK(json["runs"][2]["message"].get<std::string>().find("file") != std::string::npos);
}

TEST_CASE("the XML is well-formed and counts failures and errors") {
  const std::string xml = junit_xml(sample());
  CHECK(xml.find("<testsuite name=\"s\" tests=\"4\" failures=\"2\" errors=\"1\">") != std::string::npos);
  CHECK(xml.find("name=\"good/rtl\" time=\"0.250\"/>") != std::string::npos);
  CHECK(xml.find("<failure message=\"6 of 9 values moved\">") != std::string::npos);
  CHECK(xml.find("fc&lt;1&gt;") != std::string::npos);
  CHECK(xml.find("<error message=\"no &quot;file&quot;? &amp; &lt;more&gt;\"/>") != std::string::npos);
  CHECK(xml.find('\x01') == std::string::npos);
}
