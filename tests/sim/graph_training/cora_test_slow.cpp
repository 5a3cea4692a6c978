#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include "sim/eie/config/load_config.h"
#include "sim/eie/network/run_network.h"
#include "sim/graph_training/graph_recipe.h"
#include "sim/graph_training/graph_training_result.h"
#include "sim/graph_training/torch/graph_trainer.h"
#include "sim/yaml/overrides.h"
#include "sim/yaml/yaml_document.h"
#include "tests/data_folder.h"
#include "tests/temporary_folder.h"

using namespace lacuna;

namespace {

/// One seed of a shipped recipe for Cora, then on the published machine with a codebook of 16 values.
void check_cora(const std::string& name, std::vector<std::string> assignments, double least) {
  const std::string data = test::data_folder();
  if (data.empty() || !std::filesystem::exists(data + "/planetoid/cora_edges.csv")) {
    WARN("skipped: no planetoid in LACUNA_DATA or ../shared/data");
    return;
  }
  const test::TemporaryFolder folder;
  const std::string configs = std::string(LACUNA_SOURCE_DIR) + "/configs/graphs/";
  assignments.emplace_back("graph_training.seeds=1");
  YamlNode document = load_yaml(configs + "training/" + name + "-cora.yaml");
  apply_overrides(document, assignments);
  const GraphTrainingInput input = read_graph_training(load_graph_training(document));
  GraphTrainingState state;
  REQUIRE(train_graph_networks(input, state, {}));
  const TrainedGraphNetwork& trained = state.networks.front();
  CHECK(trained.test.images == 1000);
  CHECK(trained.test.accuracy() > least);
  write_graph_training(input, {}, state, folder.path());
  ConfigOverrides overrides;
  overrides.assignments = {"workload.network=" + folder.file("seed-1/network.yaml"), "outputs=false"};
  const RunReport report = run_network(load_run_config(configs + "cora-eie.yaml", overrides));
  CHECK(report.network->labelled == 1000);
  CHECK(report.network->reference_correct == trained.test.correct);
  // Within a point of floating point.
  CHECK(report.network->correct + 10 >= report.network->reference_correct);
}

}  // namespace

TEST_CASE("Cora in the machine's integers: a graph convolutional network") {
  check_cora("gcn", {}, 0.79);
}

TEST_CASE("Cora in the machine's integers: a graph attention network") {
  check_cora("gat", {"graph_training.epochs=100"}, 0.79);
}
