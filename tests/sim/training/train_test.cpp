#include "sim/training/train.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "models/common/error.h"
#include "sim/cost/counted_cost.h"
#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "sim/network/reference.h"
#include "sim/training/cost_cut.h"
#include "sim/training/rounded_activations.h"
#include "sim/training/training_result.h"
#include "sim/yaml/yaml_document.h"
#include "tests/case_count.h"
#include "tests/sim/training/image_files.h"

namespace lacuna {
namespace {

/// Networks of fully connected layers with ReLU between them, by plain loops in double precision.
class PlainNetwork : public Differentiator {
 public:
  Evaluation evaluate(const std::vector<TrainedLayer>& layers, const ImageBatch& batch) override {
    return run(layers, batch, nullptr);
  }
  Evaluation differentiate(const std::vector<TrainedLayer>& layers, const ImageBatch& batch,
                           std::vector<LayerGradients>& gradients) override {
    seen.insert(seen.end(), batch.values.begin(), batch.values.end());
    gradients.assign(layers.size(), {});
    for (std::size_t l = 0; l < layers.size(); ++l) {
      gradients[l].weights.assign(layers[l].weights.size(), 0.0F);
      gradients[l].bias.assign(layers[l].bias.size(), 0.0F);
    }
    return run(layers, batch, &gradients);
  }

  std::vector<float> seen;  ///< all images that gradients were computed of

 private:
  static Evaluation run(const std::vector<TrainedLayer>& layers, const ImageBatch& batch,
                        std::vector<LayerGradients>* gradients) {
    Evaluation result;
    const std::size_t inputs = batch.values.size() / batch.size();
    for (std::size_t image = 0; image < batch.size(); ++image) {
      std::vector<std::vector<double>> values = {
          {batch.values.begin() + static_cast<std::ptrdiff_t>(image * inputs),
           batch.values.begin() + static_cast<std::ptrdiff_t>((image + 1) * inputs)}};
      for (std::size_t l = 0; l < layers.size(); ++l) {
        values.push_back(product(layers[l], values.back()));
        if (l + 1 < layers.size()) {
          for (double& value : values.back()) {
            value = std::max(value, 0.0);
          }
        }
      }
      const auto label = static_cast<std::size_t>(batch.labels[image]);
      std::vector<double> slope = values.back();
      const double largest = *std::max_element(slope.begin(), slope.end());
      double sum = 0.0;
      for (double& value : slope) {
        value = std::exp(value - largest);
        sum += value;
      }
      result.correct += values.back()[label] == largest ? 1 : 0;
      result.loss_sum += std::log(sum) - (values.back()[label] - largest);
      ++result.images;
      for (double& value : slope) {
        value /= sum * static_cast<double>(batch.size());
      }
      slope[label] -= 1.0 / static_cast<double>(batch.size());
      if (gradients != nullptr) {
        add_gradients(layers, values, slope, *gradients);
      }
    }
    return result;
  }

  static std::vector<double> product(const TrainedLayer& layer, const std::vector<double>& input) {
    std::vector<double> output(layer.bias.begin(), layer.bias.end());
    for (std::size_t i = 0; i < layer.weights.size(); ++i) {
      output[i / input.size()] += static_cast<double>(layer.weights[i]) * input[i % input.size()];
    }
    return output;
  }

  static void add_gradients(const std::vector<TrainedLayer>& layers,
                            const std::vector<std::vector<double>>& values, std::vector<double> slope,
                            std::vector<LayerGradients>& gradients) {
    for (std::size_t l = layers.size(); l-- > 0;) {
      const std::vector<double>& input = values[l];
      std::vector<double> before(input.size(), 0.0);
      for (std::size_t i = 0; i < layers[l].weights.size(); ++i) {
        const double above = slope[i / input.size()];
        gradients[l].weights[i] += static_cast<float>(above * input[i % input.size()]);
        before[i % input.size()] += above * static_cast<double>(layers[l].weights[i]);
      }
      for (std::size_t i = 0; i < slope.size(); ++i) {
        gradients[l].bias[i] += static_cast<float>(slope[i]);
      }
      for (std::size_t i = 0; i < before.size(); ++i) {
        before[i] = input[i] > 0.0 ? before[i] : 0.0;
      }
      slope = before;
    }
  }
};

/// A recipe with all that it names.
struct Setup {
  explicit Setup(const test::TemporaryFolder& folder, const std::string& phases = test::all_phases())
      : config(load_training(load_yaml(
            test::write_recipe(folder, phases, "  weight_decay: 0.001\n  cost: {measure: weights}\n")))),
        network(load_network(config.network.resolved)) {
    load_weights(network, config.seed);
  }
  TrainingData data() const { return {config, network.layers.front().shape, 4}; }

  TrainingConfig config;
  Network network;
};

TrainingHooks hooks_with_stop(std::function<bool()> stop) {
  return {[](const TrainingProgress&) {}, std::move(stop), [](const TrainingState&) {}};
}

/// A state as bytes, so that all of it can be compared.
std::string bytes_of(const TrainingState& state, const test::TemporaryFolder& folder) {
  write_checkpoint(state, "x", folder.file("state"));
  return test::read_whole(folder.file("state"));
}

TrainingState trained(const Setup& setup, Differentiator& network) {
  TrainingState state = first_state(setup.config, setup.network);
  REQUIRE(train(setup.config, setup.data(), network, state, hooks_with_stop([] { return false; })));
  return state;
}

}  // namespace

TEST_CASE("training learns, and ends with the weights that its phases say") {
  const test::TemporaryFolder folder;
  const Setup setup(folder);
  PlainNetwork network;
  const TrainingState state = trained(setup, network);
  REQUIRE(state.outcomes.size() == 5);
  CHECK(state.outcomes[0].test.accuracy() > 0.8);
  CHECK(state.outcomes[4].test.accuracy() > 0.8);
  CHECK(state.outcomes[0].layers[0].nonzeros == 36 * 9);
  CHECK(state.outcomes[1].layers[0].nonzeros == 36 * 9 / 2);
  CHECK(state.outcomes[1].layers[1].nonzeros == 18);
  CHECK(state.outcomes[2].layers[0].nonzeros < 36 * 9 / 2);
  CHECK(state.outcomes[2].layers[1].nonzeros == 18);  // skipped
  CHECK(state.outcomes[4].layers[0].shared_values == 7);
  CHECK(state.curve.size() == 10);
  CHECK(state.curve.back().training.images == 190);
  CHECK(state.curve.back().validation.images == 40);
}

TEST_CASE("stopped anywhere and gone on from the file, training comes to the same bytes") {
  const test::TemporaryFolder folder;
  // Few batches, all that a phase can do.
  const Setup setup(folder,
                    "    - {name: dense, steps: [{epochs: 1, rate: 0.05}, {epochs: 1, rate: 0.01}]}\n"
                    "    - {name: half, prune: {quality: 0.5}, steps: [{epochs: 1, rate: 0.02}]}\n"
                    "    - {name: cheap, cut_by_cost: {loss: 0.1, steps: 2, images: 40}, steps: [{epochs: 1, "
                    "rate: 0.02}]}\n"
                    "    - {name: surgery, surgery: {alpha: -0.5}, steps: [{epochs: 1, rate: 0.02}]}\n"
                    "    - {name: shared, share: {weight_bits: 3, biases: true}, steps: [{epochs: 1, rate: "
                    "0.001}]}\n");
  PlainNetwork network;
  const TrainingData data = setup.data();
  const CountedCost cost({{}, 16, 4});
  const CostCutter cutter(setup.config, setup.network, cost, data.images(images_to_cut(setup.config)));
  const auto hooks = [&](std::function<bool()> stop) {
    TrainingHooks made = hooks_with_stop(std::move(stop));
    made.cut_by_cost = [&](const CostCutConfig& cut, std::vector<TrainedLayer>& layers,
                           const std::function<void()>& check,
                           const LossOfLayers& loss) { return cutter.cut(cut, layers, check, loss); };
    return made;
  };
  TrainingState undisturbed = first_state(setup.config, setup.network);
  REQUIRE(train(setup.config, data, network, undisturbed, hooks([] { return false; })));
  REQUIRE_FALSE(undisturbed.outcomes[2].cost_cuts.empty());
  const std::string whole = bytes_of(undisturbed, folder);
  std::size_t stops = 0;
  bool ended = false;
  for (std::size_t at = 0; !ended; at += 4 / test::case_count(4)) {
    TrainingState state = first_state(setup.config, setup.network);
    std::size_t asked = 0;
    ended = train(setup.config, data, network, state, hooks([&] { return asked++ == at; }));
    if (!ended) {
      write_checkpoint(state, "x", folder.file("stopped"));
      TrainingState again = read_checkpoint(folder.file("stopped"), "x");
      REQUIRE(train(setup.config, data, network, again, hooks([] { return false; })));
      REQUIRE(bytes_of(again, folder) == whole);
      ++stops;
    }
  }
  CHECK(stops > test::case_count(40));  // 30 batches, and the measurements
}

TEST_CASE("a search stopped anywhere comes to the same bytes, and its numbers stand in the result") {
  const test::TemporaryFolder folder;
  const Setup setup(
      folder,
      "    - {name: dense, steps: [{epochs: 2, rate: 0.05}]}\n"
      "    - {name: bits, search: {from: 6, to: 2, step: 2, tolerance: 0.05, max_steps: 4, afresh: true,\n"
      "       formats: [{kind: fixed}, {kind: shift}], fine_tune: [{epochs: 1, rate: 0.01}]},\n"
      "       steps: [{epochs: 1, rate: 0.01}]}\n");
  PlainNetwork network;
  const TrainingData data = setup.data();
  const CountedCost cost({{}, 16, 4});
  const CostCutter cutter(setup.config, setup.network, cost, data.images(images_to_cut(setup.config)));
  const auto hooks = [&](std::function<bool()> stop) {
    TrainingHooks made = hooks_with_stop(std::move(stop));
    made.cost = [&](const std::vector<TrainedLayer>& layers) { return cutter.cost(layers); };
    return made;
  };
  TrainingState undisturbed = first_state(setup.config, setup.network);
  std::size_t asked = 0;
  REQUIRE(train(setup.config, data, network, undisturbed, hooks([&] { return ++asked == 0; })));
  const SearchState& search = undisturbed.outcomes[1].search;
  REQUIRE(search.moves.size() == 4);
  CHECK(search.origin.empty());
  CHECK(search.baseline.correct == undisturbed.outcomes[0].validation.correct);
  CHECK(search.moves[0].cost_before == search.first_cost);
  // Weights that few bits round to zero count no more.
  CHECK(search.moves[0].cost_after < search.first_cost);
  const auto last = std::find_if(search.moves.rbegin(), search.moves.rend(),
                                 [](const SearchMove& move) { return move.taken; });
  REQUIRE(last != search.moves.rend());
  CHECK(last->cost_after == search.cost);
  CHECK(undisturbed.epochs_done == 2 + 4 + 1);
  REQUIRE(undisturbed.layers[0].format);
  CHECK(undisturbed.layers[0].format->format.width_bits == std::lround(search.groups[0].number.value));
  const std::string whole = bytes_of(undisturbed, folder);
  for (std::size_t at = 1; at < asked; at += 5) {
    TrainingState state = first_state(setup.config, setup.network);
    std::size_t again = 0;
    REQUIRE_FALSE(train(setup.config, data, network, state, hooks([&] { return ++again == at; })));
    write_checkpoint(state, "x", folder.file("stopped"));
    state = read_checkpoint(folder.file("stopped"), "x");
    REQUIRE(train(setup.config, data, network, state, hooks([] { return false; })));
    REQUIRE(bytes_of(state, folder) == whole);
  }
  write_training(setup.config, {{}, "plain loops"}, setup.network, undisturbed, folder.path());
  const auto json = nlohmann::json::parse(test::read_whole(folder.file("training.json")));
  CHECK(json["phases"][1]["search"]["changes"].size() == 4);
  CHECK(json["phases"][1]["search"]["layers"]["a"]["weight_bits"] == search.groups[0].number.value);
  CHECK(json["curve"].size() == 3);
  CHECK(json["curve"][2]["phase"] == "bits");
}

TEST_CASE("a patient step ends when the held-out loss no longer falls, with its best epoch's network") {
  /// Losses of the held-out images as a list says, one for each epoch.
  class Scripted : public PlainNetwork {
   public:
    Evaluation evaluate(const std::vector<TrainedLayer>& layers, const ImageBatch& batch) override {
      Evaluation result = PlainNetwork::evaluate(layers, batch);
      if (batch.size() == 40 && seen_.size() < losses_.size()) {
        result.loss_sum = losses_[seen_.size()] * 40.0;
        seen_.push_back(layers[0].weights);
      }
      return result;
    }
    const std::vector<std::vector<float>>& weights() const { return seen_; }

   private:
    std::vector<double> losses_ = {5, 4, 6, 3, 7, 8, 2, 1};
    std::vector<std::vector<float>> seen_;
  };
  const test::TemporaryFolder folder;
  const Setup setup(folder,
                    "    - {name: p, steps: [{epochs: 20, rate: 0.05, patience: 2}]}\n"
                    "    - {name: q, prune: {density: 0.5}}\n");
  Scripted network;
  const TrainingData data = setup.data();
  TrainingState state = first_state(setup.config, setup.network);
  std::vector<float> after;
  TrainingHooks hooks = hooks_with_stop([] { return false; });
  hooks.save = [&](const TrainingState& saved) {
    if (saved.epoch == 20) {
      after = saved.layers[0].weights;
      CHECK(saved.best_layers.empty());
    }
  };
  REQUIRE(train(setup.config, data, network, state, hooks));
  CHECK(state.curve.size() == 6);  // the best, 3, was the fourth
  CHECK(state.epochs_done == 6);
  CHECK(after == network.weights()[3]);
  CHECK(after != network.weights()[5]);
  TrainingState early = first_state(setup.config, setup.network);
  Scripted other;
  std::size_t epochs = 0;
  hooks.save = [&](const TrainingState& saved) { epochs = saved.curve.size(); };
  hooks.stop = [&] { return epochs == 5; };
  REQUIRE_FALSE(train(setup.config, data, other, early, hooks));
  write_checkpoint(early, "x", folder.file("early"));
  CHECK(read_checkpoint(folder.file("early"), "x").best_layers[0].weights == other.weights()[3]);
}

TEST_CASE("rounded outputs are quantise layers of the result, as their formats say") {
  const test::TemporaryFolder folder;
  const Setup setup(folder,
                    "    - {name: dense, steps: [{epochs: 1, rate: 0.05}]}\n"
                    "    - {name: rounded, activations: {bits: 6, images: 20}}\n");
  PlainNetwork network;
  const TrainingData data = setup.data();
  TrainingHooks hooks = hooks_with_stop([] { return false; });
  hooks.fit_activations = [&](const ActivationConfig& activations, std::vector<TrainedLayer>& layers) {
    fit_activations(activations, setup.network, data.images(activations.images), layers);
  };
  TrainingState state = first_state(setup.config, setup.network);
  REQUIRE(train(setup.config, data, network, state, hooks));
  REQUIRE(state.layers[0].activations);
  write_checkpoint(state, "x", folder.file("state"));
  CHECK(*read_checkpoint(folder.file("state"), "x").layers[0].activations == *state.layers[0].activations);
  write_training(setup.config, {{}, "plain loops"}, setup.network, state, folder.path());
  const Network back = load_network(folder.file("network.yaml"));
  REQUIRE(back.layers.size() == setup.network.layers.size() + 1);
  CHECK(back.layers[3].name == "a.rounded");
  CHECK(back.layers[3].element.upper == 31.0);
  CHECK(back.layers[3].element.step == std::ldexp(1.0, unit_exponent(*state.layers[0].activations)));
  const auto json = nlohmann::json::parse(test::read_whole(folder.file("training.json")));
  CHECK(json["activations"]["a"] == to_text(*state.layers[0].activations));
}

TEST_CASE("what is held out and tested on is never learned from, and decides nothing") {
  const test::TemporaryFolder folder;
  const Setup setup(folder);
  PlainNetwork network;
  const TrainingState state = trained(setup, network);
  const TrainingData data = setup.data();
  const auto images_of = [](const std::vector<float>& values) {
    std::set<std::vector<float>> images;
    for (std::size_t first = 0; first < values.size(); first += 36) {
      images.emplace(values.begin() + static_cast<std::ptrdiff_t>(first),
                     values.begin() + static_cast<std::ptrdiff_t>(first + 36));
    }
    return images;
  };
  const auto learned = images_of(network.seen);
  CHECK(learned == images_of(data.batch(DataPart::training, 0, 190).values));
  CHECK(learned.size() == 190);
  for (const auto& image : images_of(data.batch(DataPart::validation, 0, 40).values)) {
    CHECK(learned.count(image) == 0);
  }
  // The held-out images are the last of the file.
  const Tensor last = InputImages(setup.config.train, {6, 6, 1}).image(229);
  CHECK(data.batch(DataPart::validation, 39, 1).values == last.values);

  test::write_images(folder, "test-", 70, 6, 4, 99);  // others of the same names
  PlainNetwork again;
  const TrainingState other = trained(setup, again);
  CHECK(other.layers[0].weights == state.layers[0].weights);
  CHECK(other.layers[1].codebook == state.layers[1].codebook);
}

TEST_CASE("each epoch has an order of its own, of all images, by the seed") {
  const test::TemporaryFolder folder;
  const TrainingData data = Setup(folder).data();
  const std::vector<std::uint32_t> first = data.order(1, 0);
  CHECK(first != data.order(1, 1));
  CHECK(first != data.order(2, 0));
  CHECK(first == data.order(1, 0));
  CHECK(std::set<std::uint32_t>(first.begin(), first.end()).size() == 190);
  CHECK(*std::max_element(first.begin(), first.end()) == 189);
}

TEST_CASE("dense, sparse, dense: the last phase has all weights, and the control sees the same batches") {
  const test::TemporaryFolder folder;
  const std::string end = "    - {name: again, dense: true, steps: [{epochs: 1, rate: 0.005}]}\n";
  const std::string begin = "    - {name: dense, steps: [{epochs: 1, rate: 0.05}]}\n";
  const Setup sparse(
      folder, begin + "    - {name: s, prune: {density: 0.6}, steps: [{epochs: 1, rate: 0.05}]}\n" + end);
  PlainNetwork one;
  const TrainingState state = trained(sparse, one);
  CHECK(state.outcomes[1].layers[0].nonzeros == 194);  // 0.6 of 324
  // All but the inputs of a neuron that never fires, which get no gradient.
  CHECK(state.outcomes[2].layers[0].nonzeros > 300);
  CHECK(state.layers[0].mask.empty());
  const Setup control(folder, begin + "    - {name: s, steps: [{epochs: 1, rate: 0.05}]}\n" + end);
  PlainNetwork other;
  trained(control, other);
  CHECK(one.seen == other.seen);
}

TEST_CASE("weights that are zero in the network stay zero when the recipe says so") {
  const test::TemporaryFolder folder;
  Setup setup(folder, "    - {name: p, steps: [{epochs: 1, rate: 0.05}]}\n");
  auto weights = std::make_shared<LayerWeights>(*setup.network.layers[2].weights);
  std::fill_n(weights->values.begin(), 100, 0.0F);
  setup.network.layers[2].weights = weights;
  PlainNetwork network;
  CHECK(trained(setup, network).layers[0].nonzeros() > 250);
  setup.config.keep_zeros = true;
  CHECK(trained(setup, network).layers[0].nonzeros() == 224);
}

TEST_CASE("a loss that is no longer finite ends training with its place") {
  const test::TemporaryFolder folder;
  const Setup setup(folder);
  /// From the third batch on the loss is no number.
  class Overflowing : public PlainNetwork {
   public:
    Evaluation differentiate(const std::vector<TrainedLayer>& layers, const ImageBatch& batch,
                             std::vector<LayerGradients>& gradients) override {
      Evaluation result = PlainNetwork::differentiate(layers, batch, gradients);
      if (++batches_ == 3) {
        result.loss_sum = std::numeric_limits<double>::infinity();
      }
      return result;
    }

   private:
    int batches_ = 0;
  };
  Overflowing network;
  TrainingState state = first_state(setup.config, setup.network);
  CHECK_THROWS_WITH(train(setup.config, setup.data(), network, state, hooks_with_stop([] { return false; })),
                    Catch::Contains("training.phases.0: the loss is no longer finite in epoch 1, batch 3"));
}

TEST_CASE("labels that the network has no output for are refused") {
  const test::TemporaryFolder folder;
  const Setup setup(folder);
  CHECK_THROWS_WITH(TrainingData(setup.config, {6, 6, 1}, 3),
                    Catch::Contains("train-labels.npy: label") && Catch::Contains("0 to 2"));
}

TEST_CASE("holding out all images is refused") {
  const test::TemporaryFolder folder;
  Setup setup(folder);
  setup.config.validation_images = 230;
  CHECK_THROWS_WITH(setup.data(), Catch::Contains("training.validation_images: 230 of 230"));
}

TEST_CASE("the folder holds the network to the bit, curves and where they come from") {
  const test::TemporaryFolder folder;
  const Setup setup(folder);
  PlainNetwork network;
  const TrainingState state = trained(setup, network);
  const TrainingOrigin origin{{folder.file("recipe.yaml"), folder.file("n.yaml")}, "plain loops"};
  write_training(setup.config, origin, setup.network, state, folder.path());

  Network back = load_network(folder.file("network.yaml"));
  load_weights(back);
  CHECK(back.layers[2].weights->values == state.layers[0].weights);
  CHECK(back.layers[2].weights->bias == state.layers[0].bias);
  CHECK(back.layers[3].weights->values == state.layers[1].weights);

  const auto json = nlohmann::json::parse(test::read_whole(folder.file("training.json")));
  CHECK(json["schema"] == "lacuna.training/1");
  CHECK(json["recipe"]["weight_decay"] == 0.001);
  CHECK(json["inputs"][1]["file"] == "n.yaml");
  CHECK(json["phases"].size() == 5);
  CHECK(json["phases"][1]["layers"][0]["nonzeros"] == 162);
  CHECK(json["phases"][0]["before_training"].is_null());
  CHECK(json["phases"][4]["test"]["images"] == 70);
  CHECK(json["codebooks"]["a"]["values"].size() == 8);
  const std::string curves = test::read_whole(folder.file("curves.csv"));
  CHECK(std::count(curves.begin(), curves.end(), '\n') == 11);
  CHECK_THAT(curves, Catch::Contains("\ndense,4,0.01,"));
}

TEST_CASE("dead neurons are left out of the folder when the recipe says so") {
  const test::TemporaryFolder folder;
  Setup setup(folder, "    - {name: p, prune: {density: 0.05}, steps: [{epochs: 1, rate: 0.01}]}\n");
  setup.config.remove_dead_neurons = true;
  PlainNetwork network;
  const TrainingState state = trained(setup, network);
  write_training(setup.config, {{}, "plain loops"}, setup.network, state, folder.path());
  Network back = load_network(folder.file("network.yaml"));
  load_weights(back);
  CHECK(back.layers[2].outputs() < 9);
  const auto json = nlohmann::json::parse(test::read_whole(folder.file("training.json")));
  const auto& removed = json["removed_neurons"]["a"];
  CHECK(back.layers[2].outputs() ==
        9 - removed["without_outputs"].get<unsigned>() - removed["without_inputs"].get<unsigned>());
  const Network whole = with_weights(setup.network, state.layers);
  const Tensor image = InputImages(setup.config.test, {6, 6, 1}).image(5);
  const std::vector<float> ours = Reference(back).run(image).back().values;
  const std::vector<float> theirs = Reference(whole).run(image).back().values;
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(ours[i] == Approx(theirs[i]).epsilon(1e-5));
  }
}

}  // namespace lacuna
