#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/report/compare_results.h"
#include "sim/report/read_result.h"
#include "tests/temporary_folder.h"

using namespace lacuna;
using Json = nlohmann::ordered_json;

namespace {

Json sample() {
  return Json::parse(R"({"schema": "lacuna.result/2", "version": "1", "engine": "systemc",
    "layers": [{"name": "a", "cycles": 100, "energy_pj": {"LNZD": 2.0}, "outputs_checksum": "ff"}],
    "totals": {"cycles": 100}})");
}

}  // namespace

TEST_CASE("equal results have no differences") {
  const Comparison comparison = compare_results(sample(), sample(), {});
  CHECK(comparison.compared == 8);
  CHECK(comparison.differences.empty());
  CHECK(comparison.circumstances.empty());
}

TEST_CASE("every measure counts, circumstances are notes") {
  Json now = sample();
  now["engine"] = "rtl";
  now["layers"][0]["cycles"] = 101;
  now["layers"][0]["outputs_checksum"] = "fe";
  now["layers"][0].erase("name");
  now["totals"]["more"] = nullptr;
  const Comparison comparison = compare_results(sample(), now, {});
  REQUIRE(comparison.differences.size() == 4);
  CHECK(comparison.differences[0].path == "layers.0.name");
  CHECK(comparison.differences[0].now == "(missing)");
  CHECK(comparison.differences[1].path == "layers.0.cycles");
  CHECK(comparison.differences[1].base == "100");
  CHECK(comparison.differences[1].now == "101");
  CHECK(comparison.differences[3].base == "(missing)");
  REQUIRE(comparison.circumstances.size() == 1);
  CHECK(comparison.circumstances[0].path == "engine");
}

TEST_CASE("a tolerance covers a metric and what lies below it, to its edge") {
  Json now = sample();
  now["layers"][0]["cycles"] = 101;
  now["layers"][0]["energy_pj"]["LNZD"] = 2.02;
  CHECK(compare_results(sample(), now, {{"cycles", 0.01}}).differences.size() == 1);
  CHECK(compare_results(sample(), now, {{"cycles", 0.01}, {"energy_pj", 0.011}}).differences.empty());
  CHECK(compare_results(sample(), now, {{"cycles", 0.0099}, {"LNZD", 0.011}}).differences.size() == 1);
  CHECK_THROWS_WITH(compare_results(sample(), now, {{"cicles", 0.1}}),
                    Catch::Contains("did you mean 'cycles'?"));
}

namespace {

Json with_layers(const std::string& layers) {
  return Json::parse("{\"layers\": [" + layers + "], \"totals\": {\"cycles\": 1}}");
}

/// One line for each difference.
std::string differences(const std::string& base, const std::string& now) {
  std::string text;
  for (const Difference& each : compare_results(with_layers(base), with_layers(now), {}).differences) {
    text += each.path + " (" + each.layer + "): " + each.base + " -> " + each.now + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("layers are compared by name, and one that only one result has is one difference") {
  const std::string a = R"({"name": "a", "cycles": 10, "pe": {"busy": [1, 2]}})";
  const std::string b = R"({"name": "b", "cycles": 20})";
  const std::string c = R"({"name": "c", "cycles": 30})";
  CHECK(differences(a + "," + c, a + "," + b + "," + c) == "layers.1 (b): (missing) -> (layer)\n");
  CHECK(differences(a + "," + b + "," + c, b + "," + c) == "layers.0 (a): (layer) -> (missing)\n");
  const std::string slower = R"({"name": "c", "cycles": 31})";
  CHECK(differences(a + "," + c, b + "," + a + "," + slower) ==
        "layers.1.cycles (c): 30 -> 31\nlayers.0 (b): (missing) -> (layer)\n");
  CHECK(differences(a + "," + b, a + "," + c) ==
        "layers.1 (b): (layer) -> (missing)\nlayers.1 (c): (missing) -> (layer)\n");
}

TEST_CASE("what one PE did is known as such, wherever the family writes it") {
  const auto of = [](const std::string& busy, const std::string& cycles) {
    return with_layers(R"({"name": "a", "cycles": )" + cycles + R"(, "eie": {"pe": {"busy": [1, )" + busy +
                       R"(]}}, "pe": {"busy": [)" + busy + "]}}");
  };
  const Comparison comparison = compare_results(of("2", "9"), of("3", "8"), {});
  REQUIRE(comparison.differences.size() == 3);
  CHECK_FALSE(comparison.differences[0].of_one_pe);
  CHECK(comparison.differences[1].path == "layers.0.eie.pe.busy.1");
  CHECK(comparison.differences[1].of_one_pe);
  CHECK(comparison.differences[2].of_one_pe);
}

TEST_CASE("layers of equal names are compared by their order, and another order is a difference") {
  const auto layer = [](const std::string& name, int cycles) {
    return R"({"name": ")" + name + R"(", "cycles": )" + std::to_string(cycles) + "}";
  };
  const std::string twice = layer("a", 1) + "," + layer("a", 2);
  CHECK(differences(twice, twice).empty());
  CHECK(differences(twice, layer("a", 1) + "," + layer("a", 3)) == "layers.1.cycles (a): 2 -> 3\n");
  CHECK(differences(twice, layer("a", 1)) == "layers.1 (a): (layer) -> (missing)\n");
  CHECK(differences(layer("a", 1) + "," + layer("b", 2), layer("b", 2) + "," + layer("a", 1)) ==
        "layers (): a, b -> b, a\n");
}

TEST_CASE("a metric of a layer that only one result has may have a tolerance") {
  const Json base = with_layers(R"({"name": "a", "cycles": 1, "rare": 2})");
  CHECK(compare_results(base, with_layers(""), {{"rare", 0.1}}).differences.size() == 1);
}

TEST_CASE("layers that are no objects, or have no text for a name, are compared like others") {
  // Found by fuzzing: the name of a layer that is a list was asked for.
  const Json odd = Json::parse(R"({"layers": [3, [], {"name": 7}], "totals": {}})");
  const Comparison comparison = compare_results(odd, sample(), {});
  REQUIRE(comparison.differences.size() > 3);
  CHECK(comparison.differences[0].layer == "0");
  const Json numbers = Json::parse(R"({"layers": [3, 4], "totals": {}})");
  CHECK(compare_results(odd, numbers, {}).differences.front().layer == "1");
}

TEST_CASE("tolerances are parsed strictly") {
  const auto parsed = [](const std::string& text) {
    return parse_tolerance(text, {"t.yaml", 3, "tolerances.0"});
  };
  CHECK(parsed("cycles=1%").relative == Approx(0.01));
  CHECK(parsed("cycles=0.25").relative == 0.25);
  CHECK(parsed("cycles=100%").relative == 1.0);
  CHECK(parsed("cycles=0").metric == "cycles");
  for (const char* text : {"cycles", "=1%", "cycles=", "cycles=%", "cycles=-1%", "cycles=1x", "cycles=nan",
                           "cycles=inf", "cycles=1%%", "", "cycles=1", "cycles=5.5", "cycles=1e300"}) {
    INFO(text);
    CHECK_THROWS_AS(parsed(text), ConfigurationError);
  }
  CHECK_THROWS_WITH(parsed("cycles=1"),
                    "t.yaml:3: tolerances.0: 'cycles=1' would allow 100 % of the value; "
                    "cycles=1% for 1 %, cycles=100% where that is meant");
}

TEST_CASE("metrics below others can be named, and the nearest tolerance holds") {
  const auto of = [](int full, int starved, int total) {
    return Json::parse(R"({"layers": [{"name": "a", "stall_cycles": {"queue_full": )" + std::to_string(full) +
                       R"(, "starved": )" + std::to_string(starved) + R"(}, "pe": {"busy": [100, 100]}}],
                       "totals": {"stall_cycles": {"queue_full": )" +
                       std::to_string(total) + "}}}");
  };
  const Json base = of(100, 100, 100);
  const auto moved = [&base](const Json& now, const std::vector<Tolerance>& tolerances) {
    std::string paths;
    for (const Difference& each : compare_results(base, now, tolerances).differences) {
      paths += each.path + " ";
    }
    return paths;
  };
  const Json now = of(104, 104, 104);
  const std::string layer_full = "layers.0.stall_cycles.queue_full ";
  const std::string layer_starved = "layers.0.stall_cycles.starved ";
  const std::string total_full = "totals.stall_cycles.queue_full ";
  CHECK(moved(now, {{"stall_cycles.queue_full", 0.05}}) == layer_starved);
  CHECK(moved(now, {{"totals.stall_cycles.queue_full", 0.05}}) == layer_full + layer_starved);
  CHECK(moved(now, {{"layers.stall_cycles", 0.05}}) == total_full);
  CHECK(moved(now, {{"layers.0.stall_cycles", 0.05}}) == total_full);
  CHECK(moved(now, {{"totals", 0.05}}) == layer_full + layer_starved);
  // The nearest holds, whichever comes first; of equally near ones the last.
  for (const bool first : {true, false}) {
    std::vector<Tolerance> both = {{"stall_cycles", 0.05}, {"queue_full", 0.01}};
    if (first) {
      std::swap(both[0], both[1]);
    }
    CHECK(moved(now, both) == layer_full + total_full);
  }
  CHECK(moved(now, {{"queue_full", 0.01}, {"stall_cycles.queue_full", 0.05}, {"starved", 0.05}}).empty());
  Json one_pe = base;
  one_pe["layers"][0]["pe"]["busy"][1] = 104;
  CHECK(moved(one_pe, {{"pe.busy", 0.05}}).empty());
  CHECK(moved(one_pe, {{"busy.1", 0.05}}).empty());
  CHECK(moved(one_pe, {{"busy.0", 0.05}}) == "layers.0.pe.busy.1 ");
  CHECK_THROWS_WITH(moved(now, {{"stall_cycles.queue_ful", 0.1, {"s.yaml", 2, "tolerances.0"}}}),
                    Catch::Contains("s.yaml:2: tolerances.0: no metric 'stall_cycles.queue_ful'") &&
                        Catch::Contains("did you mean 'stall_cycles.queue_full'?"));
}

TEST_CASE("of two tolerances for a metric the last holds, with a note") {
  std::vector<std::string> notes;
  const std::vector<Tolerance> last =
      last_of_each({{"cycles", 0.05}, {"energy_pj", 0.1}, {"cycles", 0.01}}, notes);
  REQUIRE(last.size() == 2);
  CHECK(last[0].metric == "energy_pj");
  CHECK(last[1].relative == 0.01);
  CHECK(notes == std::vector<std::string>{"of two tolerances for cycles the last holds: 1 %, not 5 %"});
}

TEST_CASE("a key that comes twice in a result is refused with its place") {
  const test::TemporaryFolder folder;
  const auto refusal = [&](const std::string& text) {
    try {
      read_result(folder.write("r.json", text));
    } catch (const InputDataError& error) {
      return std::string(error.what()).substr(folder.file("r.json").size());
    }
    return std::string("no error");
  };
  const std::string head = R"({"schema": "lacuna.result/2", )";
  CHECK(refusal(head + R"("layers": [], "totals": {"cycles": 1, "cycles": 2}})") ==
        ": totals.cycles: comes twice; each key once");
  CHECK(refusal(head + R"("layers": [], "totals": {}, "layers": []})") ==
        ": layers: comes twice; each key once");
  CHECK(refusal(head + R"("layers": [{"a": {"b": 1}}, {"a": {"b": 1, "c": {}, "b": 1}}], "totals": {}})") ==
        ": layers.a.b: comes twice; each key once");
  CHECK(refusal(head + R"("layers": [{"a": 1}, {"a": 1}], "totals": {"a": {"a": 1}}})") == "no error");
}

TEST_CASE("what is not a result is refused") {
  const test::TemporaryFolder folder;
  const auto refused = [&](const std::string& text) {
    try {
      read_result(folder.write("r.json", text));
    } catch (const InputDataError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  CHECK(refused(sample().dump()) == "no error");
  CHECK(refused("{").find("not valid JSON") != std::string::npos);
  CHECK(refused("{\"a\": \xff}").find("not valid JSON") != std::string::npos);
  CHECK(refused("[]").find("is not lacuna.result/2") != std::string::npos);
  CHECK(refused(R"({"schema": 3})").find("is not lacuna.result/2") != std::string::npos);
  CHECK(refused(R"({"schema": "lacuna.result/2", "layers": 3})").find("is missing") != std::string::npos);
  CHECK(refused(std::string(100000, '[')).find("nested too deeply") != std::string::npos);
  CHECK_THROWS_AS(read_result(folder.file("none.json")), InputDataError);
  for (const std::string text : {"{}", "[]", R"({"schema": "lacuna.sweep-result/2"})"}) {
    CHECK_THROWS_WITH(
        read_report_source(folder.write("s.json", text)),
        Catch::Contains("is no complete lacuna.result/2, lacuna.sweep-result/2, lacuna.search/1 or "
                        "lacuna.training/1"));
  }
}
