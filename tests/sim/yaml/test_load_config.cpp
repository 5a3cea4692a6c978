#include <string>

#include <catch2/catch.hpp>

#include "sim/eie/config/load_config.h"
#include "tests/temporary_folder.h"

using namespace lacuna;

namespace {

const std::string small_layer = "{rows: 8, columns: 8, weight_density: 0.5, activation_density: 0.5}";

std::string run_file(const std::string& architecture) {
  return "architecture:\n  " + architecture + "\nworkload:\n  layers:\n    - generate: " + small_layer + "\n";
}

std::string message(const std::string& path, const ConfigOverrides& overrides = {}) {
  try {
    load_run_config(path, overrides);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("a configuration has the published machine's defaults") {
  const test::TemporaryFolder folder;
  const RunConfig config = load_run_config(folder.write("c.yaml", run_file("kind: eie")));
  CHECK(config.architecture.parameters.pe_count == 64);
  CHECK(config.workload.layers.at(0).generate->rows == 8);
  CHECK(config.seed == 1);
  CHECK(config.outputs);
  CHECK(config.engine == EngineKind::systemc);
}

TEST_CASE("keys beside a base win over it, through several files") {
  const test::TemporaryFolder folder;
  folder.write("one.yaml", "architecture: {kind: eie, pe_count: 8, queue_depth_entries: 2}\n");
  folder.write("two.yaml", "architecture: {base: one.yaml, queue_depth_entries: 3}\n");
  const std::string path = folder.write("c.yaml", run_file("base: two.yaml\n  spmat_width_bits: 32"));
  const eie::Parameters parameters = load_run_config(path).architecture.parameters;
  CHECK(parameters.pe_count == 8);
  CHECK(parameters.queue_depth_entries == 3);
  CHECK(parameters.spmat_width_bits == 32);
  const ConfigOverrides overrides{{"architecture.pe_count=5"}, {}, {}};
  CHECK(load_run_config(path, overrides).architecture.parameters.pe_count == 5);
}

TEST_CASE("workload files are inserted in order") {
  const test::TemporaryFolder folder;
  folder.write("w.yaml", "workload: {layers: [{benchmark: Alex-7, seed: 4}, {benchmark: NT-We}]}\n");
  const std::string path = folder.write("c.yaml",
                                        "architecture: {kind: eie}\nworkload: {layers: [{benchmark: VGG-8}, "
                                        "{workload: w.yaml}, {benchmark: VGG-7}]}\n");
  const RunConfig config = load_run_config(path);
  REQUIRE(config.workload.layers.size() == 4);
  CHECK(config.workload.layers[1].benchmark == "Alex-7");
  CHECK(config.workload.layers[1].seed == 4U);
  CHECK(config.workload.layers[3].benchmark == "VGG-7");
}

TEST_CASE("files that refer to each other in a circle are refused") {
  const test::TemporaryFolder folder;
  folder.write("a.yaml", "architecture: {base: b.yaml}\n");
  folder.write("b.yaml", "architecture: {base: a.yaml}\n");
  CHECK(message(folder.write("c.yaml", run_file("base: a.yaml"))).find("in a circle or too deeply") !=
        std::string::npos);
  folder.write("w.yaml", "workload: {layers: [{workload: w.yaml}]}\n");
  const std::string path =
      folder.write("d.yaml", "architecture: {kind: eie}\nworkload: {layers: [{workload: w.yaml}]}\n");
  CHECK(message(path).find("in a circle or too deeply") != std::string::npos);
}

TEST_CASE("files that multiply layers without end are refused") {
  const test::TemporaryFolder folder;
  folder.write("w0.yaml", "workload: {layers: [{benchmark: NT-We}]}\n");
  for (int level = 1; level < 7; ++level) {
    const std::string below = "{workload: w" + std::to_string(level - 1) + ".yaml}";
    std::string list;
    for (int i = 0; i < 20; ++i) {
      list += below + ", ";
    }
    folder.write("w" + std::to_string(level) + ".yaml", "workload: {layers: [" + list + below + "]}\n");
  }
  const std::string path =
      folder.write("c.yaml", "architecture: {kind: eie}\nworkload: {layers: [{workload: w6.yaml}]}\n");
  CHECK(message(path).find("too many layers; at most 10000") != std::string::npos);
}

TEST_CASE("missing parts are named") {
  const test::TemporaryFolder folder;
  CHECK(message(folder.write("a.yaml", "architecture: {kind: eie}\n"))
            .find(":1: workload: is missing; required:") != std::string::npos);
  CHECK(message(folder.write("b.yaml", run_file("pe_count: 4")))
            .find("architecture: a key is missing; at least one of: kind, base") != std::string::npos);
  CHECK(message(folder.write("c.yaml", run_file("base: none.yaml")))
            .find("c.yaml:2: architecture.base: no such file") != std::string::npos);
  const std::string layers = "architecture: {kind: eie}\nworkload: {layers: [";
  CHECK(
      message(folder.write("d.yaml", layers + "{name: x}]}\n"))
          .find(
              "workload.layers.0: a key is missing; exactly one of: trace, benchmark, generate, workload") !=
      std::string::npos);
  CHECK(message(folder.write("e.yaml", layers + "{trace: a.h5, benchmark: VGG-8}]}\n"))
            .find("trace and benchmark exclude each other") != std::string::npos);
  CHECK(message(folder.write("f.yaml", layers + "{trace: a.h5}]}\n"))
            .find("f.yaml:2: workload.layers.0.trace: no such file 'a.h5'") != std::string::npos);
  CHECK_THROWS_AS(load_run_config(folder.file("f.yaml")), InputDataError);
  CHECK(message(folder.write("g.yaml", layers + "{generate: {rows: 4}}]}\n"))
            .find("workload.layers.0.generate.columns: is missing") != std::string::npos);
  CHECK(message(folder.write("h.yaml", layers + "{benchmark: VGG-8, activations: from_previous}]}\n"))
            .find("workload.layers.0.activations: the first layer has no layer before it") !=
        std::string::npos);
  CHECK(message(folder.write("i.yaml", layers + "{workload: a.yaml, name: x}]}\n"))
            .find("workload.layers.0.name: has no meaning here; nothing may stand beside 'workload'") !=
        std::string::npos);
  CHECK(message(folder.write("j.yaml", run_file("kind: eie") + "energy: none.yaml\n"))
            .find("energy: no such file 'none.yaml'") != std::string::npos);
}

TEST_CASE("values from the command line are checked like the file's") {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("c.yaml", run_file("kind: eie"));
  const auto with = [&](const std::string& assignment) { return message(path, {{assignment}, {}, {}}); };
  CHECK(with("architecture.pe_count=2") == "no error");
  CHECK(with("workload.layers.0.generate.rows=4") == "no error");
  CHECK(with("workload.layers=[{benchmark: VGG-8}]") == "no error");
  CHECK(with("workload.layers.0.formats.weight_integer_bits=1") == "no error");
  CHECK(with("architecture.pe_count=0") ==
        "--set architecture.pe_count=0: architecture.pe_count: '0' is out of range; allowed: an integer from "
        "1 to 1024");
  CHECK(with("architecture.pe_cuont=2") ==
        "--set architecture.pe_cuont=2: architecture.pe_cuont: unknown key; did you mean 'pe_count'?");
  CHECK(with("architecture.pe_count").find("not an assignment") != std::string::npos);
  CHECK(with("architecture..pe_count=1").find("is not a path of keys") != std::string::npos);
  CHECK(with("workload.layers.1.name=x").find("'1' is not an element of the list; allowed: 0 to 0") !=
        std::string::npos);
  CHECK(with("workload.layers.x.name=x").find("is not an element of the list") != std::string::npos);
  CHECK(with("architecture.kind.x=1").find("lies below a plain value") != std::string::npos);
  CHECK(with("seed=[").find("--set seed=[: not valid YAML") != std::string::npos);
  CHECK(message(path, {{}, std::string("verilog"), {}})
            .find("--engine verilog: engine: 'verilog' is not a known name") != std::string::npos);
  CHECK(message(path, {{}, {}, std::string("-1")}).find("--seed -1: seed: '-1' is out of range") !=
        std::string::npos);
  CHECK(load_run_config(path, {{"seed=3"}, {}, std::string("9")}).seed == 9);
}

TEST_CASE("files without their section and networks in the wrong place are refused") {
  const test::TemporaryFolder folder;
  const auto message = [](const auto& act) {
    try {
      act();
    } catch (const ConfigurationError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  const std::string workload = folder.write("w.yaml", "workload: {network: n.yaml}\n");
  CHECK_THAT(message([&] { load_architecture(workload); }),
             Catch::Contains("architecture: is missing; the file must have the key 'architecture'"));
  folder.write("n.yaml", "network: {layers: []}\n");
  const std::string run =
      folder.write("r.yaml", "architecture: {kind: eie}\nworkload: {layers: [{workload: w.yaml}]}\n");
  CHECK_THAT(message([&] { load_run_config(run); }),
             Catch::Contains("a network cannot be a layer of a workload"));
}
