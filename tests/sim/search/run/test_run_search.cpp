#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/families.h"
#include "sim/network/load_weights.h"
#include "sim/search/block_network.h"
#include "sim/search/run/run_search.h"
#include "sim/training/torch/torch_network.h"
#include "tests/sim/search/run/small_search.h"

using namespace lacuna;

namespace {

SearchOptions with_torch(unsigned jobs = 1) {
  SearchOptions options;
  options.jobs = jobs;
  options.libraries = "test";
  options.make_network = [](const Network& network) -> std::unique_ptr<ScoredNetwork> {
    return std::make_unique<TorchNetwork>(network, 1);
  };
  return options;
}

/// A network of the space by a way of its own: cost and potential without the search.
struct Brute {
  Genotype genotype;
  double cycles = 0.0;
  double fisher = 0.0;
};

std::vector<Brute> brute_force(const Search& search, std::size_t machine) {
  TrainingConfig config;
  config.train = search.config.train;
  config.test = *search.config.test;
  config.validation_images = 0;
  const TrainingData data(config, {6, 6, 1}, 4);
  const std::vector<std::uint32_t> order = data.order(1, 0);
  const ImageBatch batch = data.batch(DataPart::training, order, 0, 64);
  std::vector<Brute> all;
  for (std::size_t a = 0; a < 4; ++a) {
    for (std::size_t b = 0; b < 4; ++b) {
      BlockNetwork blocks = block_network(search.skeleton, {search.types[a], search.types[b]});
      load_weights(blocks.network, 1);
      for (NetworkLayer& layer : blocks.network.layers) {
        if (layer.weights) {
          auto weights = std::make_shared<LayerWeights>(*layer.weights);
          std::fill(weights->bias.begin(), weights->bias.end(), 0.0F);
          layer.weights = weights;
        }
      }
      Brute each;
      each.genotype = {a, b};
      each.cycles = *search.machines[machine].model->measure(blocks.network, data.images(2)).cycles;
      TorchNetwork torch(blocks.network, 1);
      each.fisher = torch.scores(normalised_layers(blocks.network), batch, blocks.probes).fisher;
      all.push_back(each);
    }
  }
  return all;
}

}  // namespace

TEST_CASE("a search finds the best network that a machine's filter leaves of a small space") {
  const test::TemporaryFolder folder;
  const std::size_t machine = GENERATE(0, 1);
  const std::string name = machine == 0 ? "sparse" : "stream";
  std::vector<Brute> all =
      brute_force(load_search(load_yaml(test::write_search(folder, "")), families()), machine);
  std::vector<double> cycles;
  for (const Brute& each : all) {
    cycles.push_back(each.cycles);
  }
  std::sort(cycles.begin(), cycles.end());
  const double bound = cycles[7];
  REQUIRE(bound < cycles.back());
  const Search search =
      load_search(load_yaml(test::write_search(
                      folder, "  filters: [" + name + ".cycles <= " + std::to_string(bound) + "]\n")),
                  families());
  const SearchOutcome outcome = run_search(search, folder.file("out"), with_torch());
  all.erase(std::remove_if(all.begin(), all.end(), [&](const Brute& each) { return each.cycles > bound; }),
            all.end());
  CHECK(outcome.is_whole);
  CHECK(outcome.candidates.size() == 16);
  REQUIRE(outcome.ranking.size() == all.size());
  CHECK(outcome.filters[0].looked_at == 16);
  CHECK(outcome.filters[0].rejected == 16 - all.size());
  std::stable_sort(all.begin(), all.end(),
                   [](const Brute& a, const Brute& b) { return a.fisher > b.fisher; });
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(outcome.candidates[outcome.ranking[i]].genotype == all[i].genotype);
  }
  const Candidate& winner = outcome.candidates[outcome.ranking.front()];
  CHECK(winner.scores->fisher == all.front().fisher);
  CHECK(*winner.machines[machine]->front() == all.front().cycles);
  CHECK(winner.machines[1 - machine].has_value());  // of those that passed, the other machine's, too
}

TEST_CASE("one that no network passes says how many failed what") {
  const test::TemporaryFolder folder;
  const Search search = load_search(
      load_yaml(test::write_search(folder, "  filters: [sparse.cycles <= 1, stream.energy_pj <= 1]\n")),
      families());
  std::string message;
  try {
    run_search(search, folder.file("out"), with_torch());
  } catch (const ConfigurationError& error) {
    message = error.what();
  }
  CHECK(message ==
        "search.filters: none of 16 candidates passes, 16 fail sparse.cycles <= 1; wider filters, or more "
        "draws");
}
