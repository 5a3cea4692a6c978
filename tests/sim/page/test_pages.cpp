#include <fstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/page/pages.h"
#include "sim/report/read_result.h"
#include "tests/sim/page/xml.h"
#include "tests/temporary_folder.h"

using namespace lacuna;
using Catch::Matchers::Contains;
using Json = nlohmann::ordered_json;
using test::occurrences;

namespace {

Json golden() {
  return read_report_source(std::string(LACUNA_SOURCE_DIR) + "/tests/golden/small-run.json");
}

Json small_sweep() {
  Json sweep = Json::parse(R"({"schema": "lacuna.sweep-result/2", "engine": "timeline",
    "axes": [{"key": "architecture.pe_count", "values": [1, 2, 3, 0.123456789]}],
    "objectives": [{"metric": "time_us", "goal": "min"}, {"metric": "useful_work_ratio", "goal": "max"}], "points": []})");
  const std::vector<std::pair<double, double>> values = {{4.0, 0.9}, {2.0, 0.8}, {3.0, 0.7}};
  for (std::size_t i = 0; i < values.size(); ++i) {
    sweep["points"].push_back(
        {{"point", i},
         {"axes", {{"architecture.pe_count", i + 1}}},
         {"status", "ok"},
         {"totals", {{"time_us", values[i].first}, {"useful_work_ratio", values[i].second}}}});
  }
  sweep["points"].push_back({{"point", 3},
                             {"axes", {{"architecture.pe_count", 0.123456789}}},
                             {"status", "failed"},
                             {"reason", "no room"}});
  return sweep;
}

}  // namespace

TEST_CASE("the page of a result shows every layer, its PEs and the configuration, and stands alone") {
  const Json result = golden();
  const std::string page = page::result_page(result, "small run");
  test::parse_xml(page);
  for (const Json& layer : result.at("layers")) {
    CHECK_THAT(page, Contains("<h3>" + layer.at("name").get<std::string>() + "</h3>"));
  }
  CHECK_THAT(page, Contains("queue_depth_entries") && Contains("queue_full") && Contains("SpmatRead"));
  CHECK(occurrences(page, "http") == occurrences(page, "http://www.w3.org/2000/svg"));
  CHECK(page == page::result_page(result, "small run"));
}

TEST_CASE("a value that a result lacks leaves its part out") {
  Json result = golden();
  for (Json& layer : result["layers"]) {
    layer.erase("energy_pj");
    layer["eie"].erase("pe");
  }
  const std::string page = page::result_page(result, "t");
  test::parse_xml(page);
  CHECK_THAT(page, !Contains("Energy of each layer") && !Contains("Cycles of every PE"));
  CHECK_THAT(page, Contains("Where the cycles go"));
}

TEST_CASE("a result with intervals shows the classes over time, many of them joined") {
  Json result = golden();
  CHECK_THAT(page::result_page(result, "t"), !Contains("Classes over time"));
  for (std::size_t i = 0; i < 1000; ++i) {
    result["intervals"].push_back(
        {{"first_cycle", 10 * i}, {"cycles", 10}, {"cycle_classes", {{"busy", i % 2}, {"waiting", 3}}}});
  }
  const std::string page = page::result_page(result, "t");
  test::parse_xml(page);
  CHECK_THAT(page, Contains("Classes over time") && Contains("<title>waiting</title>"));
  CHECK_THAT(page, Contains("by intervals of 40 cycles") && Contains(">249</text>"));
}

TEST_CASE("odd results make a page") {
  for (const char* text :
       {R"({"layers": [], "totals": {}})", R"({"layers": [1, null, [2]], "totals": {"cycles": null}})",
        R"({"layers": [{"name": {"a": 1}, "cycles": -1, "stall_cycles": [], "pe": [1]}], "totals": {}})",
        R"({"layers": [{"cycles": 1e308, "busy_cycles": 1e308, "pe": {"busy": [1e308]}}], "totals": {}})",
        R"({"layers": [{"pe": {"busy": [], "drain": [1, "x"]}}], "totals": {"devices": [{"DSP": 3}, 4]}})",
        R"({"layers": [], "totals": {}, "intervals": [{"cycle_classes": {"busy": 0}}, 3, {"cycles": "x"}]})",
        R"({"layers": [{"name": "</title>", "energy_pj": {"a<b": 1}}], "totals": {}, "inputs": {}})"}) {
    INFO(text);
    CHECK_NOTHROW(test::parse_xml(page::result_page(Json::parse(text), "<&>")));
  }
}

TEST_CASE("the page of a sweep marks the Pareto front and lists what failed") {
  const std::string page = page::sweep_page(small_sweep(), "sweep");
  test::parse_xml(page);
  CHECK(occurrences(page, "<circle ") == 3);
  CHECK(occurrences(page, "r=\"4.5\"") == 2);  // points 0 and 1; 2 is dominated by 1
  CHECK_THAT(page, Contains("1, 2, 3, 0.123456789") && Contains("architecture.pe_count: 2"));
  CHECK_THAT(page, Contains("no room") && Contains("architecture.pe_count"));
  CHECK_THAT(page, Contains("useful_work_ratio (max)"));
}

TEST_CASE("odd sweeps make a page") {
  for (
      const char* text :
      {R"({"points": []})", R"({"points": [1, {"status": "ok"}], "objectives": [{}, 3]})",
       R"({"points": [{"status": "ok", "axes": 4, "totals": {"a": 1}}], "objectives": [{"metric": "a"}, {"metric": "a"}]})"}) {
    INFO(text);
    CHECK_NOTHROW(test::parse_xml(page::sweep_page(Json::parse(text), "t")));
  }
}

namespace {

Json small_training() {
  return Json::parse(R"({"schema": "lacuna.training/1", "program": "lacuna", "recipe": {"seed": 7},
    "phases": [
      {"name": "dense", "epochs": 2, "before_training": null, "validation": {"images": 10, "correct": 8},
       "test": {"images": 50, "correct": 41}, "layers": [{"name": "a", "weights": 8, "nonzeros": 6}]},
      {"name": "bits", "epochs": 1, "validation": null, "test": {"images": 50, "correct": 40}, "layers": [],
       "search": {"layers": {"a": {"kind": "shift", "weight_bits": 4.0}},
                  "changes": [{"layer": "a", "kind": "shift", "weight_bits": 4.0, "cost_before": 9, "cost_after": 7,
                               "validation": {"images": 10, "correct": 7}, "taken": true}]}}],
    "curve": [
      {"phase": "dense", "epoch": 1, "training": {"images": 4, "correct": 1, "mean_loss": 2.5}, "validation": null},
      {"phase": "dense", "epoch": 2, "training": {"images": 4, "correct": 3, "mean_loss": 1.5},
       "validation": {"images": 10, "correct": 8, "mean_loss": 1.0}},
      {"phase": "bits", "epoch": 1, "training": {"images": 4, "correct": 4, "mean_loss": 0.5},
       "validation": {"images": 10, "correct": 9, "mean_loss": 0.75}}]})");
}

}  // namespace

TEST_CASE("the page of a training draws its curves, and has phases and changes of a search") {
  const std::string page = page::training_page(small_training(), "t");
  test::parse_xml(page);
  // Two pictures: three epochs learned from, two with held-out images.
  CHECK(occurrences(page, "<circle") == 2 * (3 + 2));
  CHECK_THAT(page, Contains("held out, 3: 0.75") && Contains("training, while it learns, 2: 25"));
  CHECK_THAT(page, Contains("<td>6</td><td>75.00</td><td>-</td><td>2 of 10</td><td>9 of 50</td>"));
  CHECK_THAT(page, Contains("<td>a</td><td>shift 4</td><td>9</td><td>7</td><td>3 of 10</td><td>taken</td>"));
  CHECK(occurrences(page, "http") == occurrences(page, "http://www.w3.org/2000/svg"));
}

TEST_CASE("odd trainings make a page") {
  for (const char* text :
       {R"({"phases": []})",
        R"({"phases": [4, null, {"layers": 3, "search": {"layers": [1], "changes": [[]]}}]})",
        R"({"phases": {}, "curve": [1, {"training": {"images": 0, "correct": 0, "mean_loss": 1e300}}]})",
        R"({"phases": [], "curve": {"a": {"training": {"images": 1, "correct": 2, "mean_loss": -1}}}})"}) {
    CHECK_NOTHROW(test::parse_xml(page::training_page(Json::parse(text), "t")));
  }
}

TEST_CASE("a folder without a sweep, and what is no result, are refused") {
  const test::TemporaryFolder folder;
  CHECK_THROWS_WITH(read_report_source(folder.path()), Contains("results.json: no such file"));
  const auto refused = [&](const std::string& text) {
    CHECK_THROWS_AS(read_report_source(folder.write("r.json", text)), InputDataError);
  };
  refused("{");
  refused("[]");
  refused(R"({"schema": 4})");
  refused(R"({"schema": "lacuna.result/2", "layers": []})");
  refused(R"({"schema": "lacuna.sweep-result/2", "points": {}})");
  CHECK_NOTHROW(read_report_source(folder.write("s.json", small_sweep().dump())));
  refused(R"({"schema": "lacuna.training/1", "phases": 3})");
  folder.write("training.json", small_training().dump());
  CHECK(read_report_source(folder.path()).at("phases").size() == 2);
}
