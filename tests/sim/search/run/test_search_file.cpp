#include <string>

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
      load_search(load_yaml(test::write_search(folder,
                                               "  filters: [stream.cycles < 9, multiply_accumulates > 2, "
                                               "sparse.energy_pj <= 3, parameters <= 7]\n")),
                  families());
  CHECK(search.types.size() == 4);
  CHECK(search.draws == 20000);
  REQUIRE(search.filters.size() == 4);
  CHECK(search.filters[0].constraint.text == "parameters <= 7");
  CHECK(search.filters[1].constraint.text == "multiply_accumulates > 2");
  CHECK(search.filters[2].constraint.text == "sparse.energy_pj <= 3");
  CHECK(search.filters[2].metric == 1);
  CHECK(search.filters[3].machine == 1);
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
