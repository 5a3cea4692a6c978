#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/families.h"
#include "sim/network/load_weights.h"
#include "sim/network/reference.h"
#include "sim/search/block_network.h"
#include "sim/search/run/channel_removal.h"
#include "sim/search/run/run_search.h"
#include "sim/training/quantised_layer.h"
#include "sim/training/torch/torch_network.h"
#include "sim/training/trained_layer.h"
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
      each.cycles =
          *search.machines[machine].variants[0].model->measure(blocks.network, data.images(2)).cycles;
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

namespace {

/// A candidate of a space with formats, lanes and machines, by a way of its own.
struct BruteChoice {
  Genotype genotype;
  double sparse_cycles = 0.0;
  double sparse_planned = 0.0;
  double stream_cycles = 0.0;
  double planned_cycles = 0.0;
  double products_per_fifo_bit = 0.0;
  double fisher = 0.0;
};

Network first_network(Network network) {
  load_weights(network, 1);
  for (NetworkLayer& layer : network.layers) {
    if (layer.weights) {
      auto weights = std::make_shared<LayerWeights>(*layer.weights);
      std::fill(weights->bias.begin(), weights->bias.end(), 0.0F);
      layer.weights = weights;
    }
  }
  return network;
}

std::vector<BruteChoice> brute_choices(const Search& search) {
  TrainingConfig config;
  config.train = search.config.train;
  config.test = *search.config.test;
  config.validation_images = 0;
  const TrainingData data(config, {6, 6, 1}, 4);
  const ImageBatch batch = data.batch(DataPart::training, data.order(1, 0), 0, 64);
  std::vector<BruteChoice> all;
  for (std::size_t number = 0; number < 32; ++number) {
    BruteChoice each;
    for (std::size_t bit = 0; bit < 5; ++bit) {  // two blocks, two formats, a machine
      each.genotype.push_back(number >> (4 - bit) & 1U);
    }
    // Activations and lanes have one choice, which stands between formats and the machine.
    each.genotype.insert(each.genotype.begin() + 4, {0, 0, 0, 0});
    const BlockNetwork blocks =
        block_network(search.skeleton, {search.types[each.genotype[0]], search.types[each.genotype[1]]});
    const Network network = first_network(blocks.network);
    std::vector<TrainedLayer> layers = trained_layers(network, false);
    std::vector<LayerArithmetic> arithmetic;
    for (TrainedLayer& layer : layers) {
      if (layer.name.rfind("block", 0) != 0) {
        continue;
      }
      QuantiseConfig quantise;
      quantise.kind = QuantiseKind::fixed;
      quantise.weight_bits = each.genotype[layer.name[5] == '1' ? 2 : 3] == 0 ? 3 : 8;
      lacuna::quantise(layer, quantise, 1);
      const NetworkLayer& there = network.layers[layer.position];
      const std::uint32_t inputs = network.input_of(there).shape.channels / there.groups;
      arithmetic.push_back({layer.name, layer.format->format, layer.format->scale});
      arithmetic.back().activation_bits = 5;
      arithmetic.back().lanes = {std::min(2U, inputs), std::min(4U, there.outputs()), there.window.width};
    }
    const Network seen = with_weights(network, layers);
    const std::vector<Tensor> images = data.images(2);
    const CostModel& sparse = *search.machines[0].variants[each.genotype.back()].model;
    each.sparse_cycles = *sparse.measure(seen, images).cycles;
    each.sparse_planned = sparse.planned_cycles(seen, images, {}).value();
    CHECK(each.sparse_planned <= each.sparse_cycles);
    const CostModel& stream = *search.machines[1].variants[0].model;
    const NetworkCost cost = stream.measure(seen, images, arithmetic);
    each.stream_cycles = *cost.cycles;
    each.products_per_fifo_bit = *cost.reuse.fifo_bit;
    each.planned_cycles = *stream.planned_cycles(seen, images, arithmetic);
    CHECK(each.planned_cycles <= each.stream_cycles);
    TorchNetwork torch(seen, 1);
    each.fisher = torch.scores(normalised_layers(seen), batch, blocks.probes).fisher;
    all.push_back(each);
  }
  return all;
}

template <class Value>
double quantile_of(const std::vector<BruteChoice>& all, std::size_t quarters, Value value) {
  std::vector<double> values;
  for (const BruteChoice& each : all) {
    values.push_back(value(each));
  }
  std::sort(values.begin(), values.end());
  return values[values.size() * quarters / 4];
}

template <class Value>
double median_of(const std::vector<BruteChoice>& all, Value value) {
  return quantile_of(all, 2, value);
}

}  // namespace

TEST_CASE("a search over blocks, formats, lanes and machines finds the best that its filters leave") {
  const test::TemporaryFolder folder;
  const auto written = [&](const std::string& more) {
    std::string text = test::read_whole(test::write_search(
        folder,
        "  operations: [group(2)]\n  formats: [{kind: fixed, weight_bits: 3}, {kind: fixed, weight_bits: "
        "8}]\n  activations: [{bits: 5}]\n  lanes: [{inputs: 2, outputs: 4, taps: row}]\n" +
            more));
    const auto change = [&](const std::string& from, const std::string& to) {
      text.replace(text.find(from), from.size(), to);
    };
    change("[Conv, DConvA2, DConv, ConvB2]", "[DConvA2]");
    change("run: sparse.yaml", "run: sparse.yaml, choices: [{set: architecture.pe_count, values: [2, 8]}]");
    return load_search(load_yaml(folder.write("choices.yaml", text)), families());
  };
  const Search free = written("");
  std::vector<BruteChoice> all = brute_choices(free);
  const Network conv =
      first_network(block_network(free.skeleton, {block_type("Conv"), block_type("Conv")}).network);
  TrainingConfig config;
  config.train = free.config.train;
  config.test = *free.config.test;
  config.validation_images = 0;
  const TrainingData data(config, {6, 6, 1}, 4);
  const double original =
      TorchNetwork(conv, 1)
          .scores(normalised_layers(conv), data.batch(DataPart::training, data.order(1, 0), 0, 64),
                  block_network(free.skeleton, {block_type("Conv"), block_type("Conv")}).probes)
          .fisher;
  const double planned = median_of(all, [](const BruteChoice& each) { return each.planned_cycles; });
  const double cycles = median_of(all, [](const BruteChoice& each) { return each.sparse_cycles; });
  const double bound = quantile_of(all, 3, [](const BruteChoice& each) { return each.sparse_planned; });
  const double ratio =
      median_of(all, [&](const BruteChoice& each) { return each.fisher / original; }) * 0.999999;
  const Search search =
      written(fmt::format("  filters: [stream.planned_cycles <= {}, sparse.cycles <= {}, fisher_ratio >= {}, "
                          "sparse.planned_cycles <= {}]\n",
                          planned, cycles, ratio, bound));
  const auto rejected = [&](auto refused) {
    const std::size_t before = all.size();
    all.erase(std::remove_if(all.begin(), all.end(), refused), all.end());
    return before - all.size();
  };
  const std::vector<std::size_t> expected = {
      rejected([&](const BruteChoice& each) { return each.sparse_planned > bound; }),
      rejected([&](const BruteChoice& each) { return each.planned_cycles > planned; }),
      rejected([&](const BruteChoice& each) { return each.sparse_cycles > cycles; }),
      rejected([&](const BruteChoice& each) { return each.fisher / original < ratio; })};
  REQUIRE_FALSE(all.empty());
  const SearchOutcome outcome = run_search(search, folder.file("out"), with_torch());
  CHECK(outcome.is_whole);
  CHECK(outcome.candidates.size() == 32);
  for (std::size_t filter = 0; filter < 4; ++filter) {
    CHECK(outcome.filters[filter].rejected == expected[filter]);
  }
  std::stable_sort(all.begin(), all.end(), [](const BruteChoice& a, const BruteChoice& b) {
    return std::pair(-a.fisher, a.sparse_cycles) < std::pair(-b.fisher, b.sparse_cycles);
  });
  REQUIRE(outcome.ranking.size() == all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Candidate& found = outcome.candidates[outcome.ranking[i]];
    CHECK(found.genotype == all[i].genotype);
    CHECK(*found.machines[0]->front() == all[i].sparse_cycles);
    CHECK(*(*found.machines[0])[planned_cycles_metric] == all[i].sparse_planned);
    CHECK(*found.machines[1]->front() == all[i].stream_cycles);
    CHECK(*(*found.machines[1])[planned_cycles_metric] == all[i].planned_cycles);
    CHECK(*found.machines[1]->back() == all[i].products_per_fifo_bit);  // which follows the activations' bits
  }
}

TEST_CASE("a machine on an FPGA says what it takes and how often it uses what it reads") {
  const test::TemporaryFolder folder;
  std::string text = test::read_whole(test::write_search(folder, ""));
  const std::string run = "run: stream.yaml";
  text.replace(text.find(run), run.size(),
               "run: " + std::string(LACUNA_SOURCE_DIR) + "/configs/search/stream.yaml");
  const Search search = load_search(load_yaml(folder.write("fpga.yaml", text)), families());
  TrainingConfig config;
  config.train = search.config.train;
  config.test = *search.config.test;
  config.validation_images = 0;
  const std::vector<Tensor> images = TrainingData(config, {6, 6, 1}, 4).images(2);
  const Network network =
      first_network(block_network(search.skeleton, {block_type("Conv"), block_type("Conv")}).network);
  const NetworkCost cost = search.machines[1].variants[0].model->measure(network, images);
  REQUIRE(cost.fpga.has_value());
  // The device of configs/search/small-fpga.yaml, which is filled.
  CHECK(cost.fpga->logic_blocks > 0.0);
  CHECK(cost.fpga->logic_blocks <= 17130.0);
  CHECK(cost.fpga->dsp_blocks <= 157.0);
  CHECK(cost.fpga->memory_blocks <= 57.0);
  CHECK(*cost.planned_cycles <= *cost.cycles);
  CHECK(*cost.planned_cycles == *search.machines[1].variants[0].model->planned_cycles(network, images, {}));
  // A weight is read for each product, but by engines that have all of theirs at once.
  CHECK(*cost.reuse.weight >= 1.0);
  CHECK(*cost.reuse.fifo_bit > 0.0);
  // EIE reads rows of 8 entries, of which some are padding or belong to no active column.
  const NetworkCost sparse = search.machines[0].variants[0].model->measure(network, images);
  CHECK_FALSE(sparse.fpga.has_value());
  CHECK(*sparse.reuse.weight > 0.0);
}

TEST_CASE("channel saliencies sum to the potential, and a channel without weights can go") {
  Skeleton skeleton;
  skeleton.image_channels = 1;
  skeleton.image_height = skeleton.image_width = 6;
  skeleton.stem_channels = 4;
  skeleton.stages = {{1, 4, 1}, {1, 8, 2}};
  skeleton.classes = 4;
  const BlockNetwork wide = block_network(skeleton, narrow_types({4, 5}));
  Network network = first_network(wide.network);
  std::vector<TrainedLayer> layers = normalised_layers(network);
  const test::TemporaryFolder folder;
  const Search search = load_search(load_yaml(test::write_search(folder, "")), families());
  TrainingConfig config;
  config.train = search.config.train;
  config.test = *search.config.test;
  config.validation_images = 0;
  const TrainingData data(config, {6, 6, 1}, 4);
  const ImageBatch batch = data.batch(DataPart::training, 0, 32);
  TorchNetwork torch(network, 1);
  double sum = 0.0;
  for (const std::vector<double>& channels : torch.channel_fisher(layers, batch, wide.probes)) {
    for (const double channel : channels) {
      sum += channel;
    }
  }
  CHECK(sum == Approx(torch.scores(layers, batch, wide.probes).fisher));

  layers = trained_layers(network, false);
  TrainedLayer& first = layers[3];
  REQUIRE(first.name == "block2_1");
  const std::size_t size = first.weights.size() / 5;
  std::fill_n(first.weights.begin() + static_cast<std::ptrdiff_t>(2 * size), size, 0.0F);
  first.bias[3] = 0.25F;  // channels keep their biases
  const Network before = with_weights(network, layers);
  remove_channel(2, layers[3], layers[4]);
  const Network after =
      with_weights(first_network(block_network(skeleton, narrow_types({4, 4})).network), layers);
  const Tensor image = data.images(2).back();
  const std::vector<float> expected = Reference(before).run(image).back().values;
  const std::vector<float> found = Reference(after).run(image).back().values;
  REQUIRE(found.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(found[i] == Approx(expected[i]).margin(1e-5));
  }
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
