#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/sim/graph_training/graph_searches.h"

using namespace lacuna;

namespace {

struct Found {
  std::vector<GraphBlock> blocks;
  double test_accuracy = 0.0;
  double size_bits = 0.0;
  std::size_t costed = 0;
};

Found found_in(const BlockModel& model, const std::string& keys) {
  const test::TemporaryFolder folder;
  test::write_graph_network(folder, test::gcn_layers, model);
  const GraphSearchConfig config =
      test::search_config(folder, test::small_search + ", steps: 200, draws: 8" + keys);
  const GraphTrainingInput input = read_graph_training(config.training);
  const GraphSpace space(config, input);
  const GraphSearchState state = test::searched(config, input, space);
  return {space.blocks(state.found), state.found_training.networks.front().test.accuracy(),
          space.counted(state.found).size_bits, state.costs.size()};
}

}  // namespace

TEST_CASE("a search does without neighbours that say nothing") {
  const Found found = found_in(test::features_know(), "");
  CHECK_FALSE(found.blocks[0].attention.has_value());
  CHECK_FALSE(found.blocks[1].attention.has_value());
  CHECK(found.test_accuracy > 0.9);
}

TEST_CASE("a search whose cost is the size finds a smaller network") {
  const std::string keys = ", quantisation_weight: 0";
  const Found without = found_in(test::small_blocks(), keys);
  const Found with = found_in(test::small_blocks(), keys + ", cost: {measure: size}, cost_weight: 1");
  CHECK(with.size_bits < 0.7 * without.size_bits);
  CHECK(with.costed > 0);
  CHECK(with.test_accuracy > 0.7);
}
