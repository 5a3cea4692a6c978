#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/families.h"
#include "sim/search/run/search_file.h"
#include "tests/sim/search/run/small_search.h"

using namespace lacuna;

namespace {

std::string message(const std::string& path) {
  try {
    load_search(load_yaml(path), families());
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

bool has(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("filters stand in the order of their price, and blocks are those of the file") {
  const test::TemporaryFolder folder;
  const Search search =
      load_search(load_yaml(test::write_search(
                      folder,
                      "  filters: [fisher_ratio >= 1, stream.cycles < 9, multiply_accumulates > 2, "
                      "sparse.energy_pj <= 3, stream.planned_cycles < 8, parameters <= 7]\n")),
                  families());
  CHECK(search.types.size() == 4);
  CHECK(search.draws == 20000);
  REQUIRE(search.filters.size() == 6);
  CHECK(search.filters[0].constraint.text == "parameters <= 7");
  CHECK(search.filters[1].constraint.text == "multiply_accumulates > 2");
  CHECK(search.filters[2].constraint.text == "stream.planned_cycles < 8");
  CHECK(search.filters[3].constraint.text == "sparse.energy_pj <= 3");
  CHECK(search.filters[3].metric == 1);
  CHECK(search.filters[4].machine == 1);
  CHECK(search.filters[5].constraint.text == "fisher_ratio >= 1");
  CHECK(parameter_range(search.filters)->highest == 7);
}

TEST_CASE("the range of parameters takes each comparison to its whole number") {
  const auto range = [](const char* text) {
    YamlNode node;
    node.kind = YamlNode::Kind::scalar;
    node.text = text;
    const auto found = parameter_range({read_filter(node, "f", {})});
    return found ? std::pair(found->lowest, found->highest) : std::pair(UINT64_MAX, UINT64_MAX);
  };
  CHECK(range("parameters < 10").second == 9);
  CHECK(range("parameters < 10.5").second == 10);
  CHECK(range("parameters <= 10.5").second == 10);
  CHECK(range("parameters > 10").first == 11);
  CHECK(range("parameters >= 10.5").first == 11);
  CHECK(range("parameters < -3").second == 0);
  CHECK(range("parameters != 10").first == UINT64_MAX);
}

TEST_CASE("what a search cannot mean is refused at its place") {
  const test::TemporaryFolder folder;
  const auto with = [&](const std::string& more) { return message(test::write_search(folder, more)); };
  CHECK(with("") == "");
  CHECK(has(with("  filters: [stream.cycle < 9]\n"),
            "search.yaml:9: search.filters.0: 'stream.cycle' is nothing that filters know; did you mean "
            "'stream.cycles'?"));
  CHECK(has(with("  filters: [parameters 9]\n"), "is not a comparison"));
  CHECK(has(with("  samples: 10\n  draws: 9\n"), "search.draws: is 9, for 10 samples"));
  CHECK(has(with("  training: {steps_when_cut: [{epochs: 1, rate: 0.1}], steps: [{epochs: 1, rate: 0.1}]}\n"),
            "search.training.steps_when_cut: stands beside density 1"));
  CHECK(has(with("  density: 0.5\n  training: {steps: [{epochs: 1, rate: 0.1}]}\n"),
            "search.training.steps_when_cut: is missing with density 0.5"));
  CHECK(has(with("  score: best\n"), "search.score"));
  CHECK(has(with("  sample: 3\n"), "did you mean 'samples'?"));
  CHECK(has(with("  operations: [seq9(2)]\n"), "search.operations.0: 'seq9(2)' is no operation"));
  CHECK(has(with("  operations: [group(4), group( 4 )]\n"),
            "search.operations.1: 'group(4)' stands here twice"));
  CHECK(has(with("  operations: [group(8)]\n"), "4 output channels do not divide by 8"));
  CHECK(has(with("  formats: [{kind: shift, weight_bits: 7}]\n"), "search.formats.0: there is no shift(7)"));
  CHECK(has(with("  formats: [{kind: fixed, weight_bits: 4}]\n"
                 "  training: {steps: [{epochs: 1, rate: 0.1}]}\n"),
            "search.training.steps_when_quantised: is missing with search.formats"));
  CHECK(has(with("  activations: [{bits: 4}]\n  training: {steps: [{epochs: 1, rate: 0.1}]}\n"),
            "search.training.steps_when_quantised: is missing with search.activations"));
  CHECK(has(with("  activations: [{bits: 1}]\n"), "search.activations.0.bits"));
  const std::string path = test::write_search(folder, "");
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = test::read_whole(path);
    text.replace(text.find(from), from.size(), to);
    return message(folder.write("changed.yaml", text));
  };
  CHECK(has(changed("DConv,", "DConvX,"), "search.blocks.2: 'DConvX' is no block"));
  CHECK(has(changed("DConv,", "G16B2,"), "search.blocks.2: block G16B2 divides 2 channels by 16"));
  CHECK(has(changed("DConv,", "Conv,"), "'Conv' stands here twice"));
  CHECK(has(changed("run: stream.yaml", "run: none.yaml"), "none.yaml"));
  CHECK(has(
      changed("run: sparse.yaml", "run: sparse.yaml, choices: [{set: architecture.pe_counts, values: [2]}]"),
      "did you mean 'pe_count'?"));
  CHECK(has(
      changed("run: sparse.yaml", "run: sparse.yaml, choices: [{set: architecture.pe_count, values: []}]"),
      "search.machines.0.choices.0.values"));
  CHECK(has(changed("name: stream", "name: sparse"), "is not a name that only this machine has"));
  CHECK(has(changed("labels: train-labels.npy, ", ""), "search.train.labels: is missing"));
}

TEST_CASE("without a list, the blocks are those whose divisors suit the skeleton") {
  const test::TemporaryFolder folder;
  std::string text = test::read_whole(test::write_search(folder, ""));
  const std::string line = "  blocks: [Conv, DConvA2, DConv, ConvB2]\n";
  text.replace(text.find(line), line.size(), "");
  const Search search = load_search(load_yaml(folder.write("all.yaml", text)), families());
  // With 4 and 8 channels: groups of 2 and 4 and of as many channels, bottlenecks of 2 and 4 in groups of 2.
  std::string names;
  for (const BlockType& type : search.types) {
    names += std::string(type.name) + " ";
  }
  CHECK(names == "Conv DConvA2 DConvA4 DConvG4 DConvG2 DConv ConvB2 ConvB4 A2B2 G2B2 ");
}

TEST_CASE("formats, lanes and machines multiply the space, and each choice has its words") {
  const test::TemporaryFolder folder;
  std::string text = test::read_whole(test::write_search(
      folder,
      "  operations: [group(2)]\n  formats: [{kind: fixed, weight_bits: 4}, {kind: shift, weight_bits: 4}]\n"
      "  activations: [{bits: 8}, {bits: 5}, {bits: 3}]\n  lanes: [{}, {inputs: 2, outputs: 4, taps: "
      "row}]\n"));
  const std::string run = "run: sparse.yaml";
  text.replace(text.find(run), run.size(),
               "run: sparse.yaml, choices: [{set: architecture.pe_count, values: [2, 4]}, {set: "
               "architecture.clock_mhz, values: [100, 200, 400]}]");
  const Search search = load_search(load_yaml(folder.write("space.yaml", text)), families());
  CHECK(gene_sizes(search) == std::vector<std::size_t>{5, 5, 2, 2, 3, 3, 2, 2, 6});
  const Genotype genotype = {4, 0, 1, 0, 2, 1, 0, 1, 4};
  const Chosen chosen(search, genotype);
  CHECK(chosen.blocks() == std::vector<std::string>{"group(2)", "Conv"});
  CHECK(chosen.formats() == std::vector<std::string>{"shift(4)", "fixed(4)"});
  CHECK(chosen.activations() == std::vector<std::string>{"3", "5"});
  CHECK(chosen.lanes() == std::vector<std::string>{"1x1:one", "2x4:row"});
  CHECK(chosen.variant(0).text == "architecture.pe_count=4 architecture.clock_mhz=200");
  CHECK(chosen.variant(1).text.empty());
  CHECK(chosen.text_for(0) == "group(2) Conv in shift(4) fixed(4)");
  CHECK(chosen.weights_text() == chosen.text_for(0));
  CHECK(chosen.network_text() == "group(2) Conv in shift(4) fixed(4) to 3 5");
  CHECK(chosen.text_for(1) == "group(2) Conv in shift(4) fixed(4) to 3 5 on 1x1:one 2x4:row");
}

TEST_CASE("outputs of the convolutions of a place are rounded to the bits that were chosen, no others") {
  const test::TemporaryFolder folder;
  const Search search = load_search(
      load_yaml(test::write_search(folder, "  activations: [{bits: 8}, {bits: 3}]\n")), families());
  const Genotype genotype = {1, 0, 1, 0};
  const Chosen chosen(search, genotype);
  const BlockNetwork blocks = block_network(search.skeleton, chosen.types());
  std::vector<TrainedLayer> layers;
  for (std::size_t position = 0; position < blocks.network.layers.size(); ++position) {
    if (has_weights(blocks.network.layers[position].kind)) {
      layers.emplace_back();
      layers.back().name = blocks.network.layers[position].name;
      layers.back().position = position;
    }
  }
  std::size_t fits = 0;
  chosen.fit_activations(blocks, layers, [&](std::uint32_t bits, std::vector<TrainedLayer>& all) {
    ++fits;
    for (TrainedLayer& layer : all) {
      layer.activations = NumberFormat::fixed(static_cast<int>(bits), 1);
    }
  });
  CHECK(fits == 2);
  std::vector<LayerArithmetic> arithmetic;
  chosen.add_settings(blocks, arithmetic);
  std::size_t stated = 0;
  for (const TrainedLayer& layer : layers) {
    INFO(layer.name);
    const std::string wanted = layer.name.rfind("block1", 0) == 0   ? "fixed(3, 1)"
                               : layer.name.rfind("block2", 0) == 0 ? "fixed(8, 1)"
                                                                    : "";
    CHECK((layer.activations ? to_text(*layer.activations) : "") == wanted);
    const auto setting = std::find_if(arithmetic.begin(), arithmetic.end(),
                                      [&](const LayerArithmetic& each) { return each.layer == layer.name; });
    REQUIRE((setting != arithmetic.end()) == !wanted.empty());
    if (setting != arithmetic.end()) {
      ++stated;
      CHECK(*setting->activation_bits == (wanted == "fixed(3, 1)" ? 3 : 8));
      CHECK_FALSE(setting->weights);
    }
  }
  CHECK(stated == arithmetic.size());
  CHECK(stated >= 4);
}
