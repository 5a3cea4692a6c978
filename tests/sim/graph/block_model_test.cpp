#include "sim/graph/block_model.h"

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/graph/graph_file.h"
#include "tests/temporary_folder.h"

using namespace lacuna;

namespace {

BlockModel small_model() {
  BlockModel model;
  model.nodes = 600;
  model.blocks = 3;
  model.degree = 6.0;
  model.train = 10;
  model.validation = 60;
  model.test = 120;
  return model;
}

}  // namespace

TEST_CASE("a block model has the shares that it was asked for") {
  const BlockModel model = small_model();
  const BlockGraph graph = make_block_graph(model);
  // 1,800 edges are drawn; few of them twice.
  CHECK(graph.edges.size() <= 1800);
  CHECK(graph.edges.size() > 1700);
  std::size_t within = 0;
  std::set<std::uint32_t> met;
  for (const auto& [u, v] : graph.edges) {
    CHECK(u < v);
    within += u % model.blocks == v % model.blocks ? 1U : 0U;
    met.insert(u);
    met.insert(v);
  }
  CHECK(met.size() == model.nodes);
  CHECK(static_cast<double>(within) / static_cast<double>(graph.edges.size()) == Approx(0.8).margin(0.04));
  std::size_t own = 0;
  std::size_t words = 0;
  for (std::uint32_t node = 0; node < model.nodes; ++node) {
    for (const std::uint32_t word : graph.words[node]) {
      own += word / (model.features / model.blocks) == node % model.blocks ? 1U : 0U;
      ++words;
    }
  }
  // Half are drawn from the block's own third, and a third of the others falls into it, too.
  CHECK(static_cast<double>(own) / static_cast<double>(words) == Approx(2.0 / 3.0).margin(0.05));
  CHECK(graph.train.size() == 30);
  CHECK(graph.validation.size() == 60);
  CHECK(graph.test.size() == 120);
  CHECK(make_block_graph(model).edges == graph.edges);
  BlockModel other = model;
  other.seed = 2;
  CHECK(make_block_graph(other).edges != graph.edges);
}

TEST_CASE("hubs have more of the edges") {
  BlockModel model = small_model();
  const auto most = [](const BlockGraph& graph) {
    std::vector<std::size_t> degrees(600, 0);
    for (const auto& [u, v] : graph.edges) {
      ++degrees[u];
      ++degrees[v];
    }
    return *std::max_element(degrees.begin(), degrees.end());
  };
  const std::size_t even = most(make_block_graph(model));
  model.hub_power = 3;
  CHECK(most(make_block_graph(model)) > 3 * even);
}

TEST_CASE("a block model's files are read as any other's") {
  const test::TemporaryFolder folder;
  const BlockModel model = small_model();
  const BlockGraph graph = make_block_graph(model);
  write_block_graph(model, graph, folder.path());
  GraphSource source;
  source.edges.resolved = folder.file("edges.csv");
  CHECK(load_graph(source, model.nodes).entries() == 2 * graph.edges.size() + model.nodes);
  CHECK(read_node_labels(folder.file("labels.csv"), folder.file("split.csv"), "val", model.nodes).size() ==
        60);
}

TEST_CASE("block models that cannot be are refused") {
  const auto refused = [](auto change) {
    BlockModel model = small_model();
    change(model);
    CHECK_THROWS_AS(make_block_graph(model), ConfigurationError);
  };
  refused([](BlockModel& m) { m.blocks = 0; });
  refused([](BlockModel& m) { m.blocks = 301; });
  refused([](BlockModel& m) { m.features = 2; });
  refused([](BlockModel& m) { m.test = 600; });
  refused([](BlockModel& m) { m.degree = 0.5; });
  refused([](BlockModel& m) { m.homophily = 1.5; });
}
