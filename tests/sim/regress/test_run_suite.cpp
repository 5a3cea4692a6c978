#include <filesystem>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/families.h"
#include "sim/regress/regress.h"
#include "sim/regress/regression_report.h"
#include "tests/sim/regress/small_suite.h"

using namespace lacuna;
using Status = RegressionOutcome::Status;

namespace {

RegressionReport run(const std::string& path, bool update = false, unsigned jobs = 2) {
  RegressionOptions options;
  options.families = families();
  options.folders.configurations = std::string(LACUNA_SOURCE_DIR) + "/configs";
  options.jobs = jobs;
  options.update = update;
  return run_suite(load_suite(path, families()), options);
}

void replace(const std::string& path, const std::string& old_text, const std::string& new_text) {
  std::string text = test::read_whole(path);
  const std::size_t at = text.find(old_text);
  REQUIRE(at != std::string::npos);
  text.replace(at, old_text.size(), new_text);
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

TEST_CASE("golden results are missing, made, and met by all engines") {
  const test::TemporaryFolder folder;
  const std::string path = test::small_suite(folder);
  const RegressionReport first = run(path);
  REQUIRE(first.outcomes.size() == 3);
  CHECK(first.outcomes[0].status == Status::missing);
  CHECK_FALSE(first.passed());
  const RegressionReport made = run(path, true);
  CHECK(made.outcomes[0].status == Status::updated);
  CHECK(made.outcomes[1].status == Status::passed);
  CHECK(made.passed());
  const RegressionReport met = run(path);
  CHECK(met.passed());
  CHECK(met.outcomes[1].engine == "systemc");
  CHECK(met.outcomes[1].comparison.compared > 50);
  CHECK(met.outcomes[1].comparison.circumstances.empty());
  CHECK(test::read_whole(folder.file("golden/plain.json")) !=
        test::read_whole(folder.file("golden/shallow.json")));
}

TEST_CASE("a change of the machine is seen by every engine, and taken over by an update") {
  const test::TemporaryFolder folder;
  const std::string path = test::small_suite(folder);
  run(path, true);
  replace(folder.file("a.yaml"), "pe_count: 4", "pe_count: 2");
  const RegressionReport moved = run(path);
  for (const RegressionOutcome& outcome : moved.outcomes) {
    CHECK(outcome.status == Status::changed);
    CHECK(outcome.comparison.circumstances.size() == 1);
  }
  const Comparison& comparison = moved.outcomes[0].comparison;
  CHECK(std::any_of(comparison.differences.begin(), comparison.differences.end(), [](const Difference& each) {
    return each.path == "layers.0.cycles" && each.layer == "only" && each.change && *each.change > 0.3;
  }));
  const RegressionReport updated = run(path, true);
  CHECK(updated.outcomes[0].status == Status::updated);
  CHECK(updated.outcomes[0].comparison.differences.size() == comparison.differences.size());
  CHECK(updated.passed());
  CHECK(run(path).passed());
  const auto before = std::filesystem::last_write_time(folder.file("golden/plain.json"));
  CHECK(run(path, true).outcomes[0].status == Status::passed);
  CHECK(std::filesystem::last_write_time(folder.file("golden/plain.json")) == before);
}

TEST_CASE("tolerances are the suite's, a run's own win, and a misspelt one is refused") {
  const test::TemporaryFolder folder;
  run(test::small_suite(folder), true);
  const std::string cycles = "\"cycles\": ";
  const std::string golden = test::read_whole(folder.file("golden/plain.json"));
  const std::size_t at = golden.find(cycles) + cycles.size();
  const std::string value = golden.substr(at, golden.find(',', at) - at);
  // The layer's cycles, one more than they are: less than 2 %, more than 0.01 %.
  replace(folder.file("golden/plain.json"), cycles + value, cycles + std::to_string(std::stoi(value) + 1));
  const std::string tolerant = test::small_suite(folder, "tolerances: [cycles=2%]\n");
  CHECK(run(tolerant).passed());
  CHECK(run(test::small_suite(folder)).outcomes[0].comparison.differences.size() == 1);
  const std::string strict = test::small_suite(
      folder, "  - {name: plain2, config: a.yaml, tolerances: [cycles=0.01%]}\ntolerances: [cycles=2%]\n");
  std::filesystem::copy(folder.file("golden/plain.json"), folder.file("golden/plain2.json"));
  const RegressionReport report = run(strict);
  CHECK(report.outcomes[0].status == Status::passed);
  CHECK(report.outcomes[3].status == Status::changed);
  CHECK_THROWS_WITH(run(test::small_suite(folder, "tolerances: [cicles=2%]\n")),
                    Catch::Contains("suite.yaml:7: tolerances.0: no result has the metric 'cicles'"));
  CHECK_THROWS_WITH(run(test::small_suite(folder, "    tolerances: [cycles=2%, cicles=2%]\n")),
                    Catch::Contains("suite.yaml:7: runs.1.tolerances.1: no metric 'cicles'") &&
                        Catch::Contains("'cycles'?"));
  // The last of two holds, with a note; a run's own holds against the suite's.
  const RegressionReport twice = run(test::small_suite(folder, "tolerances: [cycles=0%, cycles=2%]\n"));
  CHECK(twice.passed());
  CHECK(twice.notes ==
        std::vector<std::string>{"tolerances: of two tolerances for cycles the last holds: 2 %, not 0 %"});
  CHECK_THAT(regression_text(twice), Catch::Contains("note: tolerances: of two tolerances for cycles"));
  CHECK_FALSE(run(test::small_suite(folder, "tolerances: [cycles=2%, cycles=0%]\n")).passed());
}

TEST_CASE("streaming machines and whole networks are run as lacuna run does") {
  const test::TemporaryFolder folder;
  const std::string configs = std::string(LACUNA_SOURCE_DIR) + "/configs/";
  const std::string path =
      folder.write("suite.yaml", "runs:\n  - {name: block, config: " + configs +
                                     "tomato/residual.yaml, engines: [timeline, systemc]}\n" +
                                     "  - {name: network, config: " + configs + "lenet5-network.yaml}\n");
  const RegressionReport made = run(path, true);
  CHECK(made.passed());
  REQUIRE(made.outcomes.size() == 3);
  CHECK(made.outcomes[1].comparison.compared > 500);  // SystemC against timeline, value by value
  CHECK(made.outcomes[1].status == Status::passed);
  const std::string golden = test::read_whole(folder.file("golden/block.json"));
  CHECK(golden.find("\"outputs_checksum\": \"") != std::string::npos);
  replace(folder.file("golden/block.json"), "\"cycles_per_frame\": ", "\"cycles_per_frame\": 9");
  const RegressionReport changed = run(path);
  CHECK(changed.outcomes[0].status == Status::changed);
  CHECK(changed.outcomes[1].status == Status::changed);
  CHECK(changed.outcomes[2].status == Status::passed);
}

TEST_CASE("errors are outcomes, and the other runs go on") {
  const test::TemporaryFolder folder;
  const std::string path = test::small_suite(folder,
                                             "  - {name: absent, config: none.yaml}\n"
                                             "  - {name: misfit, config: a.yaml, set: "
                                             "[architecture.pe_count=0]}\n");
  run(path, true);
  folder.write("golden/shallow.json", "{");
  folder.write("golden/left.json", "{}");
  const RegressionReport report = run(path);
  REQUIRE(report.outcomes.size() == 5);
  CHECK(report.outcomes[0].status == Status::passed);
  CHECK(report.outcomes[2].status == Status::failed);
  CHECK_THAT(report.outcomes[2].message, Catch::Contains("not valid JSON"));
  CHECK(report.outcomes[3].status == Status::failed);
  CHECK_THAT(report.outcomes[3].message, Catch::Contains("no such file"));
  CHECK(report.outcomes[4].status == Status::failed);
  CHECK_THAT(
      report.outcomes[4].message,
      Catch::Contains("suite.yaml:8: runs.3.set architecture.pe_count=0: architecture.pe_count: '0' is "
                      "out of range"));
  CHECK(report.stale == std::vector<std::string>{"left.json"});
}

TEST_CASE("the report is the same whatever the number of jobs") {
  const test::TemporaryFolder folder;
  const std::string path = test::small_suite(folder);
  run(path, true);
  replace(folder.file("a.yaml"), "pe_count: 4", "pe_count: 8");
  CHECK(regression_json(run(path, false, 1)) == regression_json(run(path, false, 3)));
}

TEST_CASE("whoever watches can stop a suite") {
  const test::TemporaryFolder folder;
  RegressionOptions options;
  options.progress = [](std::size_t, std::size_t) { throw std::runtime_error("stop"); };
  CHECK_THROWS_WITH(run_suite(load_suite(test::small_suite(folder), families()), options), "stop");
  CHECK_FALSE(std::filesystem::exists(folder.file("golden")));
}
