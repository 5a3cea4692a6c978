#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/families.h"
#include "sim/regress/suite.h"
#include "tests/file_bytes.h"
#include "tests/sim/regress/small_suite.h"

using namespace lacuna;

namespace {

std::string refusal(const std::string& text) {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("s.yaml", text);
  return test::message_of<ConfigurationError>([&path] { load_suite(path, families()); });
}

}  // namespace

TEST_CASE("a suite is read with its defaults") {
  const test::TemporaryFolder folder;
  const RegressionSuite suite =
      load_suite(test::small_suite(folder, "tolerances: [cycles=1%]\n"), families());
  CHECK(suite.name == "suite");
  CHECK(suite.golden_folder == folder.file("golden"));
  REQUIRE(suite.tolerances.size() == 1);
  CHECK(suite.tolerances.front().metric == "cycles");
  REQUIRE(suite.runs.size() == 2);
  CHECK(suite.runs[0].engines == std::vector<std::string>{"timeline", "systemc"});
  CHECK(suite.runs[0].golden == folder.file("golden/plain.json"));
  CHECK(suite.runs[1].engines == std::vector<std::string>{"timeline"});
  CHECK(suite.runs[1].overrides.assignments ==
        std::vector<std::string>{"architecture.queue_depth_entries=1"});
  CHECK(suite.runs[1].overrides.seed == "4");
}

TEST_CASE("suites that make no sense are refused with their place") {
  CHECK_THAT(refusal("runs: []\n"), Catch::Contains("s.yaml:1: runs: "));
  CHECK_THAT(refusal("run: [{name: a, config: b}]\n"), Catch::Contains("did you mean 'runs'?"));
  CHECK_THAT(refusal("runs: [{name: a}]\n"), Catch::Contains("runs.0.config: is missing"));
  CHECK_THAT(refusal("runs: [{name: ../a, config: b}]\n"), Catch::Contains("is no name of a run"));
  CHECK_THAT(refusal("runs: [{name: .a, config: b}]\n"), Catch::Contains("is no name of a run"));
  CHECK_THAT(refusal("runs:\n- {name: a, config: b}\n- {name: a, config: c}\n"),
             Catch::Contains("s.yaml:3: runs.1.name: a comes twice"));
  CHECK_THAT(refusal("runs: [{name: a, config: b, engines: [systmc]}]\n"),
             Catch::Contains("runs.0.engines.0: ") && Catch::Contains("did you mean 'systemc'?"));
  CHECK_THAT(refusal("runs: [{name: a, config: b, engines: [rtl, rtl]}]\n"),
             Catch::Contains("rtl comes twice"));
  CHECK_THAT(refusal("runs: [{name: a, config: b, tolerances: [cycles]}]\n"),
             Catch::Contains("runs.0.tolerances.0: ") && Catch::Contains("not a tolerance"));
  CHECK_THAT(refusal("runs: [{name: a, config: b}]\ntolerances: [cycles=1]\n"),
             Catch::Contains("s.yaml:2: tolerances.0: 'cycles=1' would allow 100 %"));
  std::string many = "runs:\n";
  for (int i = 0; i < 10001; ++i) {
    many += "- {name: a" + std::to_string(i) + ", config: b}\n";
  }
  CHECK_THAT(refusal(many), Catch::Contains("too many runs"));
}

TEST_CASE("the streaming machine has RTL, and no engine that nobody knows") {
  const test::TemporaryFolder folder;
  const std::string run = "runs:\n- name: a\n  config: " + std::string(LACUNA_SOURCE_DIR) +
                          "/configs/tomato/residual.yaml\n  engines: [timeline, rtl";
  CHECK_NOTHROW(load_suite(folder.write("s.yaml", run + "]\n"), families()));
  CHECK_THAT(
      refusal(run + ", verilog]\n"),
      Catch::Contains(
          "s.yaml:4: runs.0.engines.2: 'verilog' is not a known name; allowed: systemc, timeline, rtl"));
}

namespace {

/// Machines that one engine simulates.
class OneEngine : public Family {
 public:
  std::string_view kind() const override { return "plain"; }
  std::string_view meaning() const override { return "a family with one engine"; }
  const std::vector<EngineInfo>& engines() const override { return engines_; }
  std::vector<FileKind> file_kinds() const override { return {}; }
  std::unique_ptr<Job> load(const YamlNode& /*document*/) const override { return nullptr; }
  SweepSettings sweep_settings(const YamlNode& /*document*/) const override { return {}; }
  std::unique_ptr<DesignSpace> design_space(const SweepDescription& /*description*/) const override {
    return nullptr;
  }

 private:
  std::vector<EngineInfo> engines_{families().front()->engines().front()};
};

}  // namespace

TEST_CASE("an engine that the machine's family does not have is refused with its place") {
  const test::TemporaryFolder folder;
  folder.write("m.yaml", "architecture: {kind: plain}\n");
  const OneEngine small;
  Families all = families();
  all.push_back(&small);
  const auto load = [&](const std::string& engines) {
    load_suite(folder.write("s.yaml", "runs:\n- name: a\n  config: m.yaml\n  engines: [" + engines + "]\n"),
               all);
  };
  CHECK_NOTHROW(load("systemc"));
  CHECK_THROWS_WITH(
      load("systemc, rtl"),
      Catch::Contains("s.yaml:4: runs.0.engines.1: machines of the family 'plain' have no engine 'rtl'"));
}

TEST_CASE("runs and engines are selected by name") {
  const test::TemporaryFolder folder;
  const std::string path = test::small_suite(folder);
  RegressionSuite suite = load_suite(path, families());
  select_runs(suite, {"plain"}, {"systemc"});
  REQUIRE(suite.runs.size() == 1);
  CHECK(suite.runs[0].engines == std::vector<std::string>{"systemc"});
  suite = load_suite(path, families());
  CHECK_THROWS_WITH(select_runs(suite, {"plane"}, {}),
                    Catch::Contains("suite.yaml") && Catch::Contains("did you mean 'plain'?"));
  CHECK_THROWS_WITH(select_runs(suite, {}, {"rtx"}), Catch::Contains("did you mean 'rtl'?"));
  CHECK_THROWS_WITH(select_runs(suite, {}, {"rtl"}), Catch::Contains("suite.yaml has this engine"));
}
