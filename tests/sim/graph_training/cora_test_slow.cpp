#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include "sim/eie/config/load_config.h"
#include "sim/eie/network/run_network.h"
#include "sim/graph_training/graph_recipe.h"
#include "sim/graph_training/graph_trainer.h"
#include "sim/graph_training/graph_training_result.h"
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
  const GraphTrainingInput input =
      read_graph_training(configs + "training/" + name + "-cora.yaml", assignments);
  const TrainedGraphNetwork trained = train_graph_network(input, 1, {});
  CHECK(trained.test.nodes == 1000);
  CHECK(trained.test.accuracy() > least);
  write_graph_training(input, {trained}, folder.path());
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
