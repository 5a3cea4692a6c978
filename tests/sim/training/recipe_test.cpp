#include "sim/training/recipe.h"

#include <string>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/network/network_file.h"
#include "sim/yaml/yaml_document.h"
#include "tests/sim/training/image_files.h"

namespace lacuna {
namespace {

TrainingConfig load(const test::TemporaryFolder& folder, const std::string& phases,
                    const std::string& more = {}) {
  return load_training(load_yaml(test::write_recipe(folder, phases, more)));
}

std::string refusal(const std::string& phases, const std::string& more = {}) {
  const test::TemporaryFolder folder;
  try {
    const TrainingConfig config = load(folder, phases, more);
    check_layer_names(config, load_network(config.network.resolved));
  } catch (const ConfigurationError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a recipe's steps follow one another") {
  const test::TemporaryFolder folder;
  const TrainingConfig config = load(folder, test::all_phases());
  const PhaseConfig& dense = config.phases.front();
  CHECK(dense.epochs() == 4);
  CHECK(dense.rate(0) == 0.05);
  CHECK(dense.rate(2) == 0.05);
  CHECK(dense.rate(3) == 0.01);
}

TEST_CASE("a layer's own settings stand in place of the phase's") {
  const test::TemporaryFolder folder;
  const TrainingConfig config = load(
      folder,
      "    - {name: p, prune: {density: 0.5}, share: {weight_bits: 2}, layers: [{name: a, prune: {quality: "
      "1}}, {name: b, skip: true}]}\n");
  const PhaseConfig& phase = config.phases.front();
  CHECK(plan_of(phase, "a").prune->quality == 1.0);
  CHECK_FALSE(plan_of(phase, "a").prune->density);
  CHECK(plan_of(phase, "a").share->weight_bits == 2);
  CHECK_FALSE(plan_of(phase, "b").prune);
  CHECK_FALSE(plan_of(phase, "b").share);
  CHECK(plan_of(phase, "other").prune->density == 0.5);
}

TEST_CASE("searches that cannot be are refused with their place") {
  using Catch::Contains;
  const std::string cost = "  cost: {measure: size}\n";
  const auto search = [](const std::string& what, const std::string& beside = {}) {
    return "    - {name: s, search: {fine_tune: [{epochs: 1, rate: 0.1}], " + what + "}" + beside + "}\n";
  };
  const std::string good = "from: 8, to: 2, formats: [{kind: fixed}]";
  CHECK_THAT(refusal(search(good), cost), Contains("accepted"));
  CHECK_THAT(refusal(search(good)), Contains("phases.0.search: needs to know what costs"));
  CHECK_THAT(refusal(search(good, ", prune: {density: 0.5}"), cost), Contains("beside what it could undo"));
  CHECK_THAT(refusal(search("from: 8, to: 2"), cost), Contains("search.formats: says of no format"));
  CHECK_THAT(
      refusal(
          search("from: 1, to: 0.1, step: 0.1, min_step: 0.05, target: density, formats: [{kind: fixed}]"),
          cost),
      Contains("belongs to target: weight_bits"));
  CHECK_THAT(refusal(search("from: 1, to: 0.1, step: 0.1, min_step: 0.05, target: density"), cost),
             Contains("accepted"));
  CHECK_THAT(refusal(search("from: 8, to: 2.5, formats: [{kind: fixed}]"), cost), Contains("search.to: 2.5"));
  CHECK_THAT(refusal(search("from: 3, to: 4, formats: [{kind: fixed}]"), cost), Contains("does not go down"));
  CHECK_THAT(refusal(search(good) + "    - {name: later, prune: {density: 0.5}}\n", cost),
             Contains("phases.1: follows a phase that quantises weights"));
  CHECK_THAT(refusal("    - {name: a, activations: {bits: 8}}\n    - {name: b, activations: {bits: 4}}\n"),
             Contains("phases.1.activations: follows a phase that has them"));
  CHECK_THAT(refusal("    - {name: a, activations: {bits: 8}}\n", "  remove_dead_neurons: true\n"),
             Contains("remove_dead_neurons"));
}

TEST_CASE("patience needs held-out images, and a search has none") {
  using Catch::Contains;
  CHECK_THAT(refusal("    - {name: p, steps: [{epochs: 3, rate: 0.1, patience: 1}]}\n"),
             Contains("accepted"));
  CHECK_THAT(
      refusal(
          "    - {name: s, search: {from: 8, to: 2, formats: [{kind: fixed}], fine_tune: [{epochs: 2, rate: "
          "0.1, patience: 1}]}}\n",
          "  cost: {measure: size}\n"),
      Contains("search.fine_tune: has patience"));
}

TEST_CASE("a search leaves the layers alone that the phase names") {
  const test::TemporaryFolder folder;
  const TrainingConfig config =
      load(folder,
           "    - {name: s, search: {from: 8, to: 2, formats: [{kind: fixed}], fine_tune: "
           "[{epochs: 1, rate: 0.1}]}, layers: [{name: a, skip: true}]}\n",
           "  cost: {measure: size}\n");
  CHECK(searched_layers(config.phases[0], {"a", "b", "c"}) == std::vector<std::size_t>{1, 2});
}

TEST_CASE("recipes that contradict themselves are refused with their place") {
  using Catch::Contains;
  CHECK_THAT(refusal("    - {name: p, steps: [{epochs: 1, rate: 0.1}]}\n"), Contains("accepted"));
  CHECK_THAT(refusal("    - {name: p}\n"), Contains("recipe.yaml:8: training.phases.0: does nothing"));
  CHECK_THAT(refusal("    - {name: p, dense: true}\n    - {name: p, dense: true}\n"),
             Contains("training.phases.1.name: another phase has the name 'p'"));
  CHECK_THAT(refusal("    - {name: p, share: {}}\n    - {name: q, prune: {density: 0.5}}\n"),
             Contains("training.phases.1: follows a phase that shares weights"));
  CHECK_THAT(refusal("    - {name: p, share: {}}\n    - {name: q, dense: true}\n"),
             Contains("follows a phase that shares weights"));
  CHECK_THAT(refusal("    - {name: p, dense: true, layers: [{name: x, skip: true}]}\n"),
             Contains("training.phases.0.layers.0: the network has no layer 'x'"));
  CHECK_THAT(refusal("    - {name: p, dense: true, layers: [{name: f, skip: true}]}\n"),
             Contains("the network has no layer 'f'; the name of a layer with weights"));
  CHECK_THAT(refusal("    - {name: p, dense: true, layers: [{name: a}]}\n"),
             Contains("says nothing of its layer"));
  CHECK_THAT(refusal("    - {name: p, layers: [{name: a, skip: true, share: {}}]}\n"),
             Contains("skips a layer"));
  CHECK_THAT(refusal("    - {name: p, layers: [{name: a, share: {}}, {name: a, share: {}}]}\n"),
             Contains("layer 'a' stands here twice"));
  CHECK_THAT(refusal("    - {name: p, surgery: {alpha: 1}}\n"), Contains("training.phases.0: has surgery"));
  CHECK_THAT(refusal("    - {name: p, surgery: {alpha: 1}, share: {}, steps: [{epochs: 1, rate: 0.1}]}\n"),
             Contains("training.phases.0: has surgery"));
  CHECK_THAT(refusal("    - {name: p, prune: {density: 0.5, quality: 1}}\n"),
             Contains("training.phases.0.prune"));
  CHECK_THAT(refusal("    - {name: p, steps: [{epochs: 1}]}\n"), Contains("rate"));
  CHECK_THAT(refusal("    - {name: p, steps: [{epochs: 1, rate: 0.1}]}\n", "  momentumm: 0.5\n"),
             Contains("momentum"));
}

TEST_CASE("a recipe's images need labels") {
  const test::TemporaryFolder folder;
  test::write_recipe(folder, "    - {name: p, dense: true}\n");
  const std::string path = folder.write(
      "r.yaml",
      "training:\n  network: n.yaml\n  train: {npy: train-images.npy, labels: train-labels.npy}\n"
      "  test: {npy: test-images.npy}\n  phases: [{name: p, dense: true}]\n");
  CHECK_THROWS_WITH(load_training(load_yaml(path)), Catch::Contains("training.test.labels: is missing"));
}

}  // namespace lacuna
