#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/sim/cli/program.h"

using namespace lacuna::test;

TEST_CASE("lacuna run takes a whole network") {
  const TemporaryFolder folder;
  const std::string config = std::string(LACUNA_SOURCE_DIR) + "/configs/lenet5-network.yaml";
  const std::string options = " --set workload.data.max_images=3 --set workload.lowering.check_vectors=1";
  const std::string data = " --set 'workload.data={npy: " + std::string(LACUNA_SOURCE_DIR) +
                           "/traces/lenet5/images.npy, labels: " + LACUNA_SOURCE_DIR +
                           "/traces/lenet5/labels.npy}'";
  const ProgramEnd end =
      run_lacuna("run " + shell_word(config) + data + options + " -j 2 --json " +
                 shell_word(folder.file("r.json")) + " --csv " + shell_word(folder.file("r.csv")));
  INFO(end.err);
  REQUIRE(end.exit_code == 0);
  CHECK(end.out.find("classification: 3 of 3 right") != std::string::npos);
  CHECK(end.out.find("4 vectors run on the SystemC engine too: 0 differ") != std::string::npos);
  const nlohmann::json result = nlohmann::json::parse(read_whole(folder.file("r.json")));
  CHECK(result["layers"].size() == 4);
  CHECK(result["layers"][0]["eie"]["network"]["lowering"] == "im2col");
  CHECK(result["eie"]["network"]["host_layers"].size() == 4);
  CHECK(result["eie"]["network"]["images"] == 3);
  CHECK(result["inputs"].size() == 13);
  CHECK(read_whole(folder.file("r.csv")).find("eie.network.input_density") != std::string::npos);
  CHECK(run_lacuna("compare " + shell_word(folder.file("r.json")) + " " + shell_word(folder.file("r.json")))
            .exit_code == 0);
}
