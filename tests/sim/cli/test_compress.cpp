#include <algorithm>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/sim/cli/program.h"

using namespace lacuna::test;

namespace {

const std::string source = LACUNA_SOURCE_DIR;
const std::string lenet = source + "/configs/networks/lenet5.yaml";

}  // namespace

TEST_CASE("a network is compressed, written, and read back without a further error") {
  const TemporaryFolder folder;
  const std::string outputs = " --json " + folder.file("a.json") + " --container " + folder.file("a.lwc");
  const ProgramEnd first =
      run_lacuna("compress " + lenet + " --weight-bits 4 -o " + folder.file("net") + outputs);
  INFO(first.err);
  REQUIRE(first.exit_code == 0);
  CHECK_THAT(first.out, Catch::Contains("430500") && Catch::Contains("16/16 right before, 16/16 after"));
  const ProgramEnd again = run_lacuna("compress " + folder.file("net/network.yaml") +
                                      " --weight-bits 4 --json " + folder.file("b.json"));
  INFO(again.err);
  REQUIRE(again.exit_code == 0);
  const auto a = nlohmann::json::parse(read_whole(folder.file("a.json")));
  const auto b = nlohmann::json::parse(read_whole(folder.file("b.json")));
  for (const char* key : {"nonzeros", "stored_entries", "huffman_weight_bits", "huffman_index_bits"}) {
    CHECK(a.at("total").at(key) == b.at("total").at(key));
  }
  for (const auto& layer : b.at("layers")) {
    CHECK(layer.at("representation").at("mean_squared_error") == 0.0);
  }
  const ProgramEnd imported = run_lacuna("import container " + folder.file("a.lwc") +
                                         " --layer conv9 --activations x.npy -o " + folder.file("t.h5"));
  CHECK(imported.exit_code == 2);
  CHECK_THAT(imported.err, Catch::Contains("conv0, conv1, fc1, logits"));
}

TEST_CASE("recipes settle what options would, and name what they do not know") {
  const TemporaryFolder folder;
  const std::string recipe = source + "/configs/compression/lenet5.yaml";
  CHECK(run_lacuna("compress " + recipe).exit_code == 0);
  const ProgramEnd both = run_lacuna("compress " + recipe + " --density 0.1");
  CHECK(both.exit_code == 2);
  CHECK_THAT(both.err, Catch::Contains("--density: stands beside a recipe"));
  const std::string unknown = folder.write(
      "r.yaml", "compression:\n  model: " + lenet + "\n  layers:\n    - {name: conv7, skip: true}\n");
  const ProgramEnd named = run_lacuna("compress " + unknown);
  CHECK(named.exit_code == 2);
  CHECK_THAT(named.err, Catch::Contains("r.yaml:4") && Catch::Contains("no layer \"conv7\""));
  const std::string skipped =
      folder.write("s.yaml", "compression:\n  model: " + lenet + "\n  prune: {density: 0.001}\n  layers:\n" +
                                 "    - {name: conv0, skip: true}\n    - {name: conv1, skip: true}\n    - "
                                 "{name: logits, skip: true}\n");
  const ProgramEnd rest = run_lacuna("compress " + skipped);
  CHECK(rest.exit_code == 0);
  CHECK_THAT(rest.out, Catch::Contains("fc1") && !Catch::Contains("conv1") &&
                           Catch::Contains("16/16 right before, 15/16"));
}

TEST_CASE("contradicting options are refused") {
  CHECK(run_lacuna("compress " + lenet + " --balance-pes 4").exit_code == 2);
  CHECK(run_lacuna("compress " + lenet + " --density 0.1 --quality 1").exit_code == 2);
  CHECK(run_lacuna("compress " + lenet + " --representation shift --weight-bits 9").exit_code == 2);
  CHECK(run_lacuna("compress " + lenet + " --labels x.npy").exit_code == 2);
  CHECK(run_lacuna("compress none.npy").exit_code == 3);
  CHECK(run_lacuna("compress model.pt").exit_code == 2);
  CHECK(run_lacuna("compress " + source + "/traces/lenet5/fc1_weights.npy -o x.h5").exit_code == 2);
}

TEST_CASE("a scan of sensitivity prints a line for each layer and density") {
  const ProgramEnd scan = run_lacuna("compress " + lenet + " --sensitivity 0.001,0.5");
  REQUIRE(scan.exit_code == 0);
  CHECK_THAT(scan.out, Catch::Contains("fc1") && Catch::Contains("15/16"));
  CHECK(std::count(scan.out.begin(), scan.out.end(), '\n') == 10);
}
