#include <algorithm>
#include <fstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/page/html.h"
#include "sim/page/layer_bars.h"
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

/// What the page's script draws.
Json data_of(const std::string& page) {
  const std::string begin = "<script type=\"application/json\" id=\"data\">";
  const std::size_t first = page.find(begin) + begin.size();
  return Json::parse(page.substr(first, page.find("</script>", first) - first));
}

TEST_CASE("a search's page has its filters, the front of what passed, and networks layer by layer") {
  const Json search = Json::parse(R"json({"schema": "lacuna.search/1", "program": "lacuna", "version": "1<2",
    "space": 4, "looked_at": 4, "passed": 3, "failed": 0, "score": "fisher",
    "filters": [{"filter": "eie.cycles <= 60", "looked_at": 4, "rejected": 1}],
    "networks": [{"candidate": 2, "blocks": ["Conv", "DConv"], "parameters": 30,
      "machines": {"eie": {"cycles": 20}}, "random": false, "rank": 1, "choices": {"formats": "fixed(4) fixed(8)"},
      "layers": [{"name": "image", "kind": "input", "shape": "2x2x1", "inputs": [], "cycles": {}},
                 {"name": "<a>", "kind": "convolution", "shape": "2x2x1", "inputs": [0, 7], "cycles": {"eie": 20}}]}],
    "candidates": {"candidate": [0, 1, 2, 3], "end": ["passed", "eie.cycles <= 60", "passed", "passed"],
      "parameters": [10, 20, 30, 40], "eie.cycles": [10, 1, 20, 30], "fisher": [1, 9, 3, 2],
      "rank": [3, null, 1, 2], "wrong_percent": [null, null, 5.5, null]}})json");
  const std::string page = page::search_page(search, "s");
  test::parse_xml(page);
  const Json data = data_of(page);
  // Large potential and few cycles: 0 and 2. The rejected 1 would beat both, 3 is worse than 2.
  CHECK(data["front"] == Json::array({0, 2}));
  CHECK(data["objectives"][0]["metric"] == "fisher");
  CHECK(data["networks"][0]["layers"][1]["inputs"] == Json::array({0}));  // 7 is no layer
  CHECK_THAT(page, Contains("<td>eie.cycles &lt;= 60</td>") && Contains("25.0"));
  CHECK_THAT(page, Contains("Conv DConv; formats: fixed(4) fixed(8)"));
  // Without anything it is a page still.
  test::parse_xml(page::search_page(Json{{"schema", "lacuna.search/1"}}, "s"));
}

TEST_CASE("numbers are short") {
  CHECK(page::number_text(1234567.0) == "1234567");
  CHECK(page::number_text(0.123456789) == "0.123457");
  CHECK(page::number_text(-2.0) == "-2");
  CHECK(page::number_text(1e20) == "1e+20");
  CHECK(page::rounded(0.123456789).dump() == "0.123457");
  CHECK(page::rounded(12345678.0).dump() == "12345678");
}

TEST_CASE("the page of a result has every layer, its PEs and the configuration, and stands alone") {
  const Json result = golden();
  const std::string page = page::result_page(result, "small run");
  test::parse_xml(page);
  const Json data = data_of(page);
  REQUIRE(data.at("pes").size() == result.at("layers").size());
  REQUIRE(data.at("cycles").at("results").size() == 1);
  for (std::size_t i = 0; i < result.at("layers").size(); ++i) {
    const Json& layer = result.at("layers")[i];
    CHECK(data.at("pes")[i].at("layer") == layer.at("name"));
    CHECK(data.at("pes")[i].at("parts")[0].at("values") == layer.at("eie").at("pe").at("busy"));
    CHECK(data.at("cycles").at("categories")[i] == layer.at("name"));
    double cycles = 0.0;
    for (const Json& part : data.at("cycles").at("results")[0].at("parts")) {
      cycles += part.at("values")[i].get<double>();
    }
    CHECK(cycles == Approx(layer.at("cycles").get<double>()).epsilon(1e-5));
  }
  CHECK_THAT(page, Contains("queue_depth_entries") && Contains("queue_full") && Contains("SpmatRead"));
  // No address but names of XML vocabularies, and no other file.
  CHECK(occurrences(page, "http://") == occurrences(page, "http://www.w3.org/"));
  CHECK(occurrences(page, "https://") == 0);
  CHECK(occurrences(page, "src=\"") == 0);
  CHECK(occurrences(page, "href=\"") == occurrences(page, "href=\"data:,\""));
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
  CHECK_THAT(page, !Contains("<h2>Pipeline</h2>") && !Contains("<h2>Roofline</h2>"));
  CHECK_THAT(page, Contains("Cycles of each layer, and where they go"));
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
  CHECK_THAT(page, Contains("Classes over time"));
  const Json data = data_of(page).at("over_time");
  CHECK(data.at("interval_cycles") == 40);
  REQUIRE(data.at("parts")[1].at("name") == "waiting");
  CHECK(data.at("parts")[1].at("values").size() == 250);
  CHECK(data.at("parts")[1].at("values")[249] == Approx(100.0 * 12 / 14).epsilon(1e-5));
}

TEST_CASE("a pipeline's FIFOs are links between its units, whatever their ports") {
  const Json result = Json::parse(R"({"family": "f", "totals": {"cycles": 200}, "layers": [
      {"name": "a", "cycles": 100, "f": {"unroll": {"input_channels": 2, "output_channels": 3, "taps": 4}}}, {"name": "b", "cycles": 100}],
    "f": {"units": [{"name": "a", "layer": "a", "kind": "convolution", "cycle_classes": {"busy": 90, "starved": 10},
                     "counters": {"multiply_accumulates": 1200}}, {"name": "b[x]", "layer": "b", "cycle_classes": {"busy": 1}}, {"name": "b", "layer": "b"}],
          "fifos": [{"name": "a -> b[1]", "depth": 4, "high_water_mark": 3, "pushes": 50, "bits_per_token": 16, "full_stall_cycles": 7,
                     "empty_stall_cycles": 2}, {"name": "a[0] -> nobody"}, {"name": 5}]}})");
  const Json data = data_of(page::result_page(result, "t"));
  const Json& pipeline = data.at("pipeline");
  REQUIRE(pipeline.at("fifos").size() == 1);
  CHECK(pipeline.at("fifos")[0].at("from") == 0);
  CHECK(pipeline.at("fifos")[0].at("to") == 2);
  CHECK(pipeline.at("fifos")[0].at("high_water_mark") == 3);
  // 1200 MACs in 200 cycles; 50 tokens of 2 bytes.
  CHECK(data.at("roofline") ==
        Json::parse(R"([{"name": "a", "attained": 6, "intensity": 12, "peak": 24, "bytes_per_cycle": 2}])"));
}

TEST_CASE("odd results make a page") {
  for (
      const char* text :
      {R"({"layers": [], "totals": {}})", R"({"layers": [1, null, [2]], "totals": {"cycles": null}})",
       R"({"layers": [{"name": {"a": 1}, "cycles": -1, "stall_cycles": [], "pe": [1]}], "totals": {}})",
       R"({"layers": [{"cycles": 1e308, "busy_cycles": 1e308, "pe": {"busy": [1e308]}}], "totals": {}})",
       R"({"layers": [{"pe": {"busy": [], "drain": [1, "x"]}}], "totals": {"devices": [{"DSP": 3}, 4]}})",
       R"({"layers": [], "totals": {}, "intervals": [{"cycle_classes": {"busy": 0}}, 3, {"cycles": "x"}]})",
       R"({"layers": [], "totals": {}, "family": "f", "f": {"units": 3, "fifos": [{}]}})",
       R"({"layers": [], "totals": {}, "family": "f", "f": {"units": [1, {}, {"name": "u"}], "fifos": [{"name": "u -> u"}]}})",
       R"({"layers": [{"name": "</script>", "energy_pj": {"a<b]]>": 1}}], "totals": {}, "inputs": {}})"}) {
    INFO(text);
    const Json result = Json::parse(text);
    CHECK_NOTHROW(test::parse_xml(page::result_page(result, "<&>")));
    CHECK_NOTHROW(data_of(page::result_page(result, "t")));
    CHECK_NOTHROW(test::parse_xml(page::comparison_page(result, golden(), "<&>", "b")));
    CHECK_NOTHROW(test::parse_xml(page::comparison_page(golden(), result, "a", "]]>")));
  }
}

TEST_CASE("of very many layers the page draws those with the most cycles, and says so") {
  Json result = golden();
  Json layer = result["layers"][0];
  result["layers"] = Json::array();
  for (std::size_t i = 0; i < 300; ++i) {
    layer["cycles"] = 1 + (i * 7) % 300;  // each of 1..300 once
    layer["name"] = "layer " + std::to_string(i);
    result["layers"].push_back(layer);
  }
  const std::string page = page::result_page(result, "t");
  CHECK_THAT(page, Contains("The 200 layers with the most cycles, of 300."));
  const Json categories = data_of(page).at("cycles").at("categories");
  REQUIRE(categories.size() == 200);
  for (const Json& name : categories) {
    CHECK((std::stoul(name.get<std::string>().substr(6)) * 7) % 300 >= 100);
  }
}

TEST_CASE("two results stand side by side, layer by layer") {
  const Json before = golden();
  Json after = golden();
  after["layers"][0]["cycles"] = 2 * before["layers"][0]["cycles"].get<std::uint64_t>();
  after["layers"].push_back(after["layers"][0]);
  after["totals"]["cycles"] = 3 * before["totals"]["cycles"].get<std::uint64_t>();
  after["configuration"]["architecture"]["queue_depth_entries"] = 99;
  const std::string page = page::comparison_page(before, after, "before.json", "after.json");
  test::parse_xml(page);
  CHECK_THAT(page,
             Contains("configuration.architecture.queue_depth_entries</td>") && Contains("<td>99</td>"));
  CHECK_THAT(page, Contains("<td>3.0000</td>"));
  CHECK_THAT(page, !Contains("configuration.architecture.pe_count"));
  const Json bars = data_of(page).at("cycles");
  CHECK(bars.at("categories").size() == before.at("layers").size() + 1);
  const auto first_layer = [&](std::size_t result) {
    double cycles = 0.0;
    for (const Json& part : bars.at("results")[result].at("parts")) {
      cycles += part.at("values")[0].get<double>();
    }
    return cycles;
  };
  CHECK(first_layer(1) == Approx(2.0 * first_layer(0)).epsilon(1e-4));
}

TEST_CASE("the page of a sweep marks the Pareto front and lists what failed") {
  const std::string page = page::sweep_page(small_sweep(), "sweep");
  test::parse_xml(page);
  const Json data = data_of(page);
  CHECK(data.at("ids") == Json({0, 1, 2}));
  CHECK(data.at("front") == Json({0, 1}));  // 2 is dominated by 1
  CHECK(data.at("columns")[0] == Json::parse(R"({"name": "architecture.pe_count", "values": [1, 2, 3]})"));
  CHECK(data.at("columns")[2] == Json::parse(R"({"name": "useful_work_ratio", "values": [0.9, 0.8, 0.7]})"));
  CHECK(occurrences(page, "<tr data-point=") == 2);
  CHECK_THAT(page, Contains("1, 2, 3, 0.123456789") && Contains("no room"));
  CHECK_THAT(page, Contains("useful_work_ratio (max)"));
}

TEST_CASE("the page of a sweep says how many points break constraints, and which") {
  CHECK(occurrences(page::sweep_page(small_sweep(), "sweep"), "break a constraint") == 0);
  Json sweep = small_sweep();
  for (const char* reason : {"area_mm2 < 2", "area_mm2 < 2", "time_us < 1"}) {
    sweep["points"].push_back({{"point", sweep["points"].size()},
                               {"axes", {{"architecture.pe_count", 4}}},
                               {"status", "infeasible"},
                               {"reason", reason}});
  }
  const std::string page = page::sweep_page(sweep, "sweep");
  test::parse_xml(page);
  CHECK_THAT(page,
             Contains("3 points break a constraint (area_mm2 &lt; 2; time_us &lt; 1) and are not drawn."));
  CHECK(data_of(page).at("ids") == Json({0, 1, 2}));
}

TEST_CASE("of very many points the page draws a part, all of the front among them, and says so") {
  Json sweep = small_sweep();
  sweep["points"] = Json::array();
  constexpr std::size_t points = 21000;
  for (std::size_t i = 0; i < points; ++i) {
    // Only point 12347 is on the front; every second is drawn, which it is not one of.
    const double value = i == 12347 ? 1.0 : 2.0 + static_cast<double>(i);
    Json totals = {{"time_us", value}, {"useful_work_ratio", i == 12347 ? 1.0 : 0.5}};
    for (std::size_t metric = 0; metric < 40; ++metric) {
      totals["counters." + std::to_string(metric)] = 123456.789;
    }
    sweep["points"].push_back(
        {{"point", i}, {"axes", {{"architecture.pe_count", i}}}, {"status", "ok"}, {"totals", totals}});
  }
  const std::string page = page::sweep_page(sweep, "large");
  CHECK(page.size() < 5'000'000);
  CHECK(occurrences(page, "10501 of 21000 points are drawn") == 1);
  CHECK(occurrences(page, "metrics are left out") == 1);
  const Json data = data_of(page);
  CHECK(data.at("front") == Json({12347}));
  CHECK(std::find(data.at("ids").begin(), data.at("ids").end(), Json(12347)) != data.at("ids").end());
}

TEST_CASE("odd sweeps make a page") {
  for (
      const char* text :
      {R"({"points": []})", R"({"points": [1, {"status": "ok"}], "objectives": [{}, 3]})",
       R"({"points": [{"status": "ok", "point": 0, "axes": {"a": "</script>"}, "totals": {"b": 1}}], "axes": [{"key": "a", "values": 4}]})",
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
  const Json data = data_of(page);
  const Json phases = Json::parse(R"([{"from": 1, "name": "dense"}, {"from": 3, "name": "bits"}])");
  CHECK(data.at("loss").at("phases") == phases);
  // Three epochs learned from, two with held-out images.
  CHECK(data.at("loss").at("lines")[0].at("points") == Json::parse("[[1, 2.5], [2, 1.5], [3, 0.5]]"));
  CHECK(data.at("loss").at("lines")[1].at("points") == Json::parse("[[2, 1], [3, 0.75]]"));
  CHECK(data.at("wrong").at("lines")[0].at("points") == Json::parse("[[1, 75], [2, 25], [3, 0]]"));
  CHECK(data.at("wrong").at("lines")[1].at("points") == Json::parse("[[2, 20], [3, 10]]"));
  CHECK_THAT(page, Contains("<td>6</td><td>75.00</td><td>-</td><td>2 of 10</td><td>9 of 50</td>"));
  CHECK_THAT(page, Contains("<td>a</td><td>shift 4</td><td>9</td><td>7</td><td>3 of 10</td><td>taken</td>"));
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
