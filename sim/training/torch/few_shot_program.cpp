#include "sim/training/torch/few_shot_program.h"

#include <chrono>
#include <iostream>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "sim/cli/long_work.h"
#include "sim/cost/cost_model.h"
#include "sim/families.h"
#include "sim/fewshot/character_tasks.h"
#include "sim/fewshot/few_shot_recipe.h"
#include "sim/fewshot/few_shot_result.h"
#include "sim/fewshot/few_shot_search.h"
#include "sim/fewshot/meta_parameters.h"
#include "sim/fewshot/meta_training.h"
#include "sim/fewshot/torch/meta_network.h"
#include "sim/training/torch/output_folder.h"
#include "sim/training/torch/torch_process.h"
#include "sim/training/training_result.h"

namespace lacuna::cli {
namespace {

/// Where training stands, and how long it takes.
class FewShotLine {
 public:
  FewShotLine(const FewShotConfig& config, bool quiet, std::size_t epochs)
      : config_(config), quiet_(quiet), line_(!quiet && stderr_is_terminal()), epochs_(epochs) {}

  void show(const MetaState& state) {
    ++iterations_;
    const double left =
        (static_cast<double>(config_.epochs) - state.epoch) * config_.iterations - state.iteration;
    line_.show_text(fmt::format(
        "epoch {} of {}, iteration {} of {}, loss {:.4f}, {:.2f} % right, {:.0f} s left", state.epoch + 1,
        config_.epochs, state.iteration, config_.iterations, state.running.loss(),
        100.0 * state.running.accuracy(), seconds() / static_cast<double>(iterations_) * left));
  }

  void show_saved(const MetaState& state) {
    line_.clear();
    for (; epochs_ < state.curve.size(); ++epochs_) {
      const MetaEpoch& row = state.curve[epochs_];
      if (!quiet_) {
        std::cerr
            << fmt::format(
                   "epoch {}, meta rate {:.6f}, order {}, loss {:.4f}, {:.2f} % right; validation {:.2f} "
                   "+- {:.2f} %; {:.1f} s\n",
                   epochs_ + 1, row.rate, row.second_order ? 2 : 1, row.training.loss(),
                   100.0 * row.training.accuracy(), 100.0 * row.validation.mean,
                   100.0 * row.validation.half_interval, seconds())
            << std::flush;
      }
    }
  }

  void clear() { line_.clear(); }

 private:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

  const FewShotConfig& config_;
  bool quiet_;
  ProgressLine line_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::uint64_t iterations_ = 0;
  std::size_t epochs_;
};

}  // namespace

void run_few_shot(const YamlNode& document, const TrainArguments& arguments) {
  const FewShotConfig config = load_few_shot(document);
  const CharacterImages images(config.characters);
  const MetaLayout layout(config, images.shape());
  for (const TaskPart part : {TaskPart::training, TaskPart::validation, TaskPart::test}) {
    const TaskSampler check(images, config, part);  // before a folder is made
  }
  set_torch_threads(config.threads);
  MetaNetwork learner(config, layout);
  TrainingOrigin origin;
  origin.files = {arguments.recipe};
  origin.files.insert(origin.files.end(), images.files().begin(), images.files().end());
  origin.libraries = torch_description(config.threads);
  const OutputFolder folder(arguments.folder, arguments.restart, "few_shot.json");
  const std::string identity = few_shot_identity(config, origin);
  MetaState state =
      folder.begun() ? read_meta_checkpoint(folder.checkpoint(), identity) : first_meta_state(config, layout);
  FewShotLine line(config, arguments.quiet, state.curve.size());
  say_when_ended("what was saved is kept; the same command goes on from there");

  MetaHooks hooks;
  hooks.progress = [&](const MetaState& now) { line.show(now); };
  hooks.stop = was_interrupted;
  hooks.save = [&](const MetaState& now) {
    {
      const InterruptBlock block;
      write_meta_checkpoint(now, identity, folder.checkpoint());
    }
    line.show_saved(now);
  };
  if (!meta_train(config, images, layout, learner, state, hooks)) {
    line.clear();
    std::cerr << fmt::format("saved after {} epochs; the same command goes on from there\n", state.epoch)
              << std::flush;
    throw Interrupted{};
  }
  line.clear();
  {
    const InterruptBlock block;
    write_few_shot(config, origin, images, layout, learner, state, folder.path());
    folder.remove_checkpoint();
  }
  if (!arguments.quiet) {
    std::cout << few_shot_text(config, state) << std::flush;
  }
}

void run_few_shot_search(const YamlNode& document, const TrainArguments& arguments) {
  const FewShotSearchConfig config = load_few_shot_search(document);
  const FewShotConfig recipe = load_few_shot(load_yaml(config.recipe.resolved));
  const CharacterImages images(recipe.characters);
  const MetaLayout layout(recipe, images.shape());
  const MetaValues values = read_supernet(config, layout);
  set_torch_threads(recipe.threads);
  MetaNetwork learner(recipe, layout);
  CostConfig cost;
  cost.measure = CostMeasure::cycles;
  cost.machine = config.machine;
  const std::unique_ptr<CostModel> machine = make_cost_model(cost, families(), {});
  const OutputFolder folder(arguments.folder, arguments.restart, "search.csv");
  ProgressLine line(!arguments.quiet && stderr_is_terminal());
  const SearchResult result =
      search_few_shot(config, recipe, images, layout, values, learner, *machine, [&](const std::string& arm) {
        check_for_interrupt();
        line.show_text("search by " + arm);
      });
  line.clear();
  {
    const InterruptBlock block;
    write_search(result, recipe, images, layout, values, learner, folder.path());
  }
  if (!arguments.quiet) {
    std::cout << search_text(result) << std::flush;
  }
}

}  // namespace lacuna::cli
