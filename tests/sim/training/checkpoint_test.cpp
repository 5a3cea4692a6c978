#include <string>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/training/training_state.h"
#include "tests/temporary_folder.h"

namespace lacuna {
namespace {

TrainingState some_state() {
  TrainingState state;
  state.phase = 2;
  state.stage = Stage::epochs;
  state.epoch = 3;
  state.batch = 7;
  state.epochs_done = 11;
  state.running = {64, 60, 12.5};
  TrainedLayer layer;
  layer.name = "a";
  layer.position = 4;
  layer.shape = {2, 3};
  layer.weights = {1.0F, 0.0F, -2.5F, 0.0F, 1e-30F, 3.0F};
  layer.bias = {0.5F, -0.5F};
  layer.mask = {1, 0, 1, 0, 1, 1};
  layer.codes = {1, 0, 2, 0, 1, 2};
  layer.bias_codes = {1, 2};
  layer.codebook = {0.0F, 1.0F, 2.0F};
  layer.weight_velocity = {0.125F};
  layer.bias_velocity = {0.25F};
  layer.codebook_velocity = {0.0F, 0.5F, 0.75F};
  state.layers = {layer};
  state.curve = {{1, 2, 0.05, {100, 90, 3.0}, {10, 9, 1.0}}};
  PhaseOutcome outcome;
  outcome.changed = true;
  outcome.cut_test = {5, 4, 0.5};
  outcome.layers = {{6, 4, 2}};
  state.outcomes = {outcome};
  return state;
}

}  // namespace

TEST_CASE("a checkpoint comes back exactly") {
  const test::TemporaryFolder folder;
  write_checkpoint(some_state(), "me", folder.file("c"));
  const TrainingState back = read_checkpoint(folder.file("c"), "me");
  CHECK(back.phase == 2);
  CHECK(back.stage == Stage::epochs);
  CHECK(back.batch == 7);
  CHECK(back.running.loss_sum == 12.5);
  CHECK(back.layers[0].name == "a");
  CHECK(back.layers[0].weights == some_state().layers[0].weights);
  CHECK(back.layers[0].mask == some_state().layers[0].mask);
  CHECK(back.layers[0].codes == some_state().layers[0].codes);
  CHECK(back.layers[0].codebook_velocity == some_state().layers[0].codebook_velocity);
  CHECK(back.curve[0].rate == 0.05);
  CHECK(back.outcomes[0].layers[0].nonzeros == 4);
  write_checkpoint(back, "me", folder.file("d"));
  CHECK(test::read_whole(folder.file("c")) == test::read_whole(folder.file("d")));
  CHECK(folder.file_count() == 2);
}

TEST_CASE("a damaged checkpoint is refused, whatever is wrong with it") {
  const test::TemporaryFolder folder;
  write_checkpoint(some_state(), "me", folder.file("c"));
  const std::string whole = test::read_whole(folder.file("c"));
  for (std::size_t size = 0; size < whole.size(); size += 13) {
    REQUIRE_THROWS_AS(read_checkpoint(folder.write("cut", whole.substr(0, size)), "me"), InputDataError);
  }
  for (std::size_t i = 0; i < whole.size(); i += 11) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 4);
    REQUIRE_THROWS_AS(read_checkpoint(folder.write("changed", changed), "me"), InputDataError);
  }
  REQUIRE_THROWS_AS(read_checkpoint(folder.file("none"), "me"), InputDataError);
}

TEST_CASE("a checkpoint of another training is refused") {
  const test::TemporaryFolder folder;
  write_checkpoint(some_state(), "me", folder.file("c"));
  REQUIRE_THROWS_AS(read_checkpoint(folder.file("c"), "you"), ConfigurationError);
}

}  // namespace lacuna
