#include "sim/training/torch/graph_program.h"

#include <functional>
#include <iostream>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "sim/cli/long_work.h"
#include "sim/cost/cost_model.h"
#include "sim/families.h"
#include "sim/graph_training/graph_recipe.h"
#include "sim/graph_training/graph_search_recipe.h"
#include "sim/graph_training/graph_search_result.h"
#include "sim/graph_training/graph_search_state.h"
#include "sim/graph_training/graph_space.h"
#include "sim/graph_training/graph_state.h"
#include "sim/graph_training/graph_training_result.h"
#include "sim/graph_training/torch/graph_search.h"
#include "sim/graph_training/torch/graph_trainer.h"
#include "sim/training/torch/output_folder.h"
#include "sim/training/torch/torch_process.h"
#include "sim/training/training_result.h"

namespace lacuna::cli {
namespace {

TrainingOrigin origin_of(const GraphTrainingInput& input, const TrainArguments& arguments) {
  TrainingOrigin origin;
  origin.files = {arguments.recipe};
  origin.files.insert(origin.files.end(), input.files.begin(), input.files.end());
  origin.libraries = torch_description(input.config.threads);
  return origin;
}

std::string place_of(const GraphTrainingConfig& config, const GraphTrainingState& state) {
  return fmt::format("network {} of {}, epoch {} of {}", state.networks.size() + 1, config.seeds, state.epoch,
                     config.epochs);
}

std::string place_of(const GraphSearchConfig& config, const GraphSearchState& state) {
  if (state.proposed.empty()) {
    return fmt::format("step {} of {}", state.step, config.steps);
  }
  if (state.found.empty()) {
    return fmt::format("finalist {} of {}, epoch {}", state.finals.size() + 1, state.proposed.size(),
                       state.trial_training.epoch);
  }
  if (!state.found_training.finished(config.training)) {
    return "found: " + place_of(config.training, state.found_training);
  }
  if (state.trials.size() < random_trials(config)) {
    return fmt::format("random network {} of {}, epoch {}", state.trials.size() + 1, random_trials(config),
                       state.trial_training.epoch);
  }
  return "random: " + place_of(config.training, state.random_training);
}

/// Works until it is done or the user has interrupted it; what is saved then is the whole state.
void work(bool quiet, const std::function<std::string()>& place, const std::function<void()>& save,
          const std::function<bool(const GraphHooks&)>& work_on) {
  ProgressLine line(!quiet && stderr_is_terminal());
  GraphHooks hooks;
  hooks.stop = was_interrupted;
  hooks.progress = [&] { line.show_text(place()); };
  hooks.save = [&] {
    const InterruptBlock block;
    save();
  };
  say_when_ended("what was saved is kept; the same command goes on from there");
  const bool done = work_on(hooks);
  line.clear();
  if (!done) {
    hooks.save();
    std::cerr << fmt::format("saved ({}); the same command goes on from there\n", place()) << std::flush;
    throw Interrupted{};
  }
}

}  // namespace

void run_graph_training(const YamlNode& document, const TrainArguments& arguments) {
  const GraphTrainingInput input = read_graph_training(load_graph_training(document));
  const TrainingOrigin origin = origin_of(input, arguments);
  set_torch_threads(input.config.threads);
  const OutputFolder folder(arguments.folder, arguments.restart, "graph-training.json");
  const std::string identity = graph_training_identity(input.config, origin);
  GraphTrainingState state;
  if (folder.begun()) {
    state = read_graph_checkpoint(folder.checkpoint(), identity);
  }
  work(
      arguments.quiet, [&] { return place_of(input.config, state); },
      [&] { write_graph_checkpoint(state, identity, folder.checkpoint()); },
      [&](const GraphHooks& hooks) { return train_graph_networks(input, state, hooks); });
  {
    const InterruptBlock block;
    write_graph_training(input, origin, state, folder.path());
    folder.remove_checkpoint();
  }
  if (!arguments.quiet) {
    std::cout << graph_training_text(state.networks) << std::flush;
  }
}

void run_graph_search(const YamlNode& document, const TrainArguments& arguments) {
  const GraphSearchConfig config = load_graph_search(document);
  const GraphTrainingInput input = read_graph_training(config.training);
  TrainingOrigin origin = origin_of(input, arguments);
  std::unique_ptr<CostModel> model;
  if (config.cost) {
    model = make_cost_model(*config.cost, families(), config.cost_place);
    if (!config.cost->machine.empty()) {
      origin.files.push_back(config.cost->machine.resolved);
    }
  }
  set_torch_threads(config.training.threads);
  const GraphSpace space(config, input);
  const GraphCost cost(config, space, input.features, model.get());
  const OutputFolder folder(arguments.folder, arguments.restart, "graph-search.json");
  const std::string identity = graph_search_identity(config, origin);
  GraphSearchState state;
  if (folder.begun()) {
    state = read_graph_search_checkpoint(folder.checkpoint(), identity);
  }
  work(
      arguments.quiet, [&] { return place_of(config, state); },
      [&] { write_graph_search_checkpoint(state, identity, folder.checkpoint()); },
      [&](const GraphHooks& hooks) {
        return search_graph_networks(config, input, space, cost, state, hooks);
      });
  {
    const InterruptBlock block;
    write_graph_search(config, input, origin, space, cost, state, folder.path());
    folder.remove_checkpoint();
  }
  if (!arguments.quiet) {
    std::cout << graph_search_text(space, state) << std::flush;
  }
}

}  // namespace lacuna::cli
