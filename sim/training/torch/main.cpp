#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "models/common/error.h"
#include "models/common/version.h"
#include "sim/cli/exit_codes.h"
#include "sim/cli/long_work.h"
#include "sim/cli/merge.h"
#include "sim/cli/options.h"
#include "sim/cli/search_options.h"
#include "sim/cli/train_options.h"
#include "sim/cost/cost_model.h"
#include "sim/families.h"
#include "sim/fewshot/few_shot_recipe.h"
#include "sim/fewshot/few_shot_search.h"
#include "sim/graph_training/graph_recipe.h"
#include "sim/graph_training/graph_search_recipe.h"
#include "sim/network/load_weights.h"
#include "sim/network/network_file.h"
#include "sim/training/cost_cut.h"
#include "sim/training/recipe.h"
#include "sim/training/rounded_activations.h"
#include "sim/training/torch/few_shot_program.h"
#include "sim/training/torch/graph_program.h"
#include "sim/training/torch/output_folder.h"
#include "sim/training/torch/search_program.h"
#include "sim/training/torch/torch_network.h"
#include "sim/training/torch/torch_process.h"
#include "sim/training/train.h"
#include "sim/training/training_data.h"
#include "sim/training/training_result.h"
#include "sim/yaml/overrides.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna::cli {
namespace {

/// Where training stands, and how long it takes.
class TrainingLine {
 public:
  explicit TrainingLine(bool quiet) : quiet_(quiet), line_(!quiet && stderr_is_terminal()) {}

  void show(const TrainingProgress& progress) {
    ++batches_;
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
    const TrainingState& state = *progress.state;
    line_.show_text(fmt::format(
        "{}: epoch {} of {}, batch {} of {}, loss {:.4f}, {:.2f} % right, {:.0f} s left",
        progress.phase->name, state.epoch + 1, progress.phase->epochs(), state.batch,
        progress.batches_in_epoch, state.running.loss(), 100.0 * state.running.accuracy(),
        seconds.count() / static_cast<double>(batches_) * static_cast<double>(progress.batches_left)));
  }

  /// A line for each epoch and phase that is done, with the time since the start.
  void show_saved(const TrainingConfig& config, const TrainingState& state) {
    line_.clear();
    if (quiet_) {
      return;
    }
    for (; epochs_ < state.curve.size(); ++epochs_) {
      const EpochResult& row = state.curve[epochs_];
      const std::string held_out =
          row.validation.images == 0 ? ""
                                     : fmt::format("; held out {:.2f} %", 100.0 * row.validation.accuracy());
      std::cerr << fmt::format("{}: epoch {}, rate {}, loss {:.4f}, {:.2f} % right{}; {:.1f} s\n",
                               config.phases[row.phase].name, row.epoch + 1, row.rate, row.training.loss(),
                               100.0 * row.training.accuracy(), held_out, seconds())
                << std::flush;
    }
    show_changes(state);
  }

  void skip(std::size_t epochs) { epochs_ = epochs; }
  void skip_changes(const TrainingState& state) {
    changes_ = state.stage == Stage::searching ? state.outcomes.back().search.moves.size() : 0;
  }
  void clear() { line_.clear(); }
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  /// A line for each change that a search has tried.
  void show_changes(const TrainingState& state) {
    if (state.stage != Stage::searching) {
      changes_ = 0;
      return;
    }
    const std::vector<SearchMove>& moves = state.outcomes.back().search.moves;
    for (; changes_ < moves.size(); ++changes_) {
      const SearchMove& move = moves[changes_];
      std::cerr << fmt::format("change {}: cost {:.6g} -> {:.6g}, held out {:.2f} %, {}; {:.1f} s\n",
                               changes_ + 1, move.cost_before, move.cost_after,
                               100.0 * move.validation.accuracy(), move.taken ? "taken" : "taken back",
                               seconds())
                << std::flush;
    }
  }

  bool quiet_;
  std::size_t changes_ = 0;
  ProgressLine line_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::uint64_t batches_ = 0;
  std::size_t epochs_ = 0;
};

/// All that is trained, read and checked.
struct TrainingInput {
  TrainingConfig config;
  Network network;
  TrainingOrigin origin;
};

TrainingInput read_input(const YamlNode& document, const TrainArguments& arguments) {
  TrainingInput input;
  input.config = load_training(document);
  const std::string& path = input.config.network.resolved;
  input.network = make_network(read_network_file(path).network);
  check_layer_names(input.config, input.network);
  input.origin.files = {arguments.recipe, path};
  for (std::string& file : load_weights(input.network, input.config.seed)) {
    input.origin.files.push_back(std::move(file));
  }
  if (input.config.cost) {
    for (const FilePath* file : {&input.config.cost->machine, &input.config.cost->layer_table}) {
      if (!file->empty()) {
        input.origin.files.push_back(file->resolved);
      }
    }
  }
  input.origin.libraries = torch_description(input.config.threads);
  return input;
}

void run_training(const YamlNode& document, const TrainArguments& arguments) {
  TrainingInput input = read_input(document, arguments);
  const TensorShape& output = input.network.layers.back().shape;
  TorchNetwork torch(input.network, input.config.threads);
  const TrainingData data(input.config, input.network.layers.front().shape, output.elements());
  for (std::string& file : data.files()) {
    input.origin.files.push_back(std::move(file));
  }
  const OutputFolder folder(arguments.folder, arguments.restart, "training.json");
  const std::string identity = training_identity(input.config, input.origin);
  TrainingLine line(arguments.quiet);
  TrainingState state;
  if (folder.begun()) {
    state = read_checkpoint(folder.checkpoint(), identity);
    line.skip(state.curve.size());
    line.skip_changes(state);
  } else {
    state = first_state(input.config, input.network);
  }
  say_when_ended("what was saved is kept; the same command goes on from there");

  std::unique_ptr<CostModel> cost;
  std::optional<CostCutter> cutter;
  if (input.config.cost) {
    cost = make_cost_model(*input.config.cost, families(), input.config.cost_place);
    cutter.emplace(input.config, input.network, *cost, data.images(images_to_cut(input.config)));
  }

  TrainingHooks hooks;
  hooks.cut_by_cost = [&](const CostCutConfig& cut, std::vector<TrainedLayer>& layers,
                          const std::function<void()>& check,
                          const LossOfLayers& loss) { return cutter->cut(cut, layers, check, loss); };
  hooks.cost = [&](const std::vector<TrainedLayer>& layers) -> std::optional<double> {
    try {
      return cutter->cost(layers);
    } catch (const CapacityError&) {
      return std::nullopt;
    }
  };
  hooks.fit_activations = [&](const ActivationConfig& activations, std::vector<TrainedLayer>& layers) {
    fit_activations(activations, input.network, data.images(activations.images), layers);
  };
  hooks.progress = [&](const TrainingProgress& progress) { line.show(progress); };
  hooks.stop = was_interrupted;
  hooks.save = [&](const TrainingState& now) {
    {
      const InterruptBlock block;
      write_checkpoint(now, identity, folder.checkpoint());
    }
    line.show_saved(input.config, now);
  };
  if (!train(input.config, data, torch, state, hooks)) {
    line.clear();
    std::cerr << fmt::format("saved after {} epochs; the same command goes on from there\n",
                             state.epochs_done)
              << std::flush;
    throw Interrupted{};
  }
  line.clear();
  {
    const InterruptBlock block;
    write_training(input.config, input.origin, input.network, state, folder.path());
    folder.remove_checkpoint();
  }
  if (!arguments.quiet) {
    std::cout << training_text(input.config, state) << std::flush;
  }
}

void run(const TrainArguments& arguments) {
  YamlNode document = load_yaml(arguments.recipe);
  apply_overrides(document, arguments.assignments);
  if (is_few_shot(document)) {
    run_few_shot(document, arguments);
  } else if (is_few_shot_search(document)) {
    run_few_shot_search(document, arguments);
  } else if (is_graph_training(document)) {
    run_graph_training(document, arguments);
  } else if (is_graph_search(document)) {
    run_graph_search(document, arguments);
  } else {
    run_training(document, arguments);
  }
}

int run_program(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == search_word) {
    return run_search_program(argc - 1, argv + 1);
  }
  if (argc > 1 && std::string(argv[1]) == merge_word) {
    return run_merge_program(argc - 1, argv + 1);
  }
  CLI::App app("Trains networks that lacuna simulates", "lacuna-train");
  app.set_version_flag(
      "--version", std::string("lacuna-train ") + program_version() + " (commit " + program_commit() + ")");
  TrainArguments arguments;
  add_train_options(app, arguments);
  return parse_and_work(app, argc, argv, "lacuna train", [&arguments] { run(arguments); });
}

}  // namespace
}  // namespace lacuna::cli

int main(int argc, char** argv) {
  lacuna::keep_freed_memory();
  lacuna::cli::watch_for_interrupts();
  return lacuna::cli::exit_code_of([argc, argv] { return lacuna::cli::run_program(argc, argv); });
}
