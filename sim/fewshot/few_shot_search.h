#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/cost/cost_model.h"
#include "sim/fewshot/character_tasks.h"
#include "sim/fewshot/few_shot_recipe.h"
#include "sim/fewshot/meta_training.h"
#include "sim/fewshot/sub_network_search.h"
#include "sim/yaml/scalars.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {

/// `few_shot_search:`, networks of a trained supernet for one machine.
struct FewShotSearchConfig {
  FilePath recipe;
  FilePath parameters;
  FilePath machine;
  CostMeasure measure = CostMeasure::cycles;
  double budget = 0.5;
  std::uint32_t calibration_networks = 40;
  std::uint32_t population = 12;
  std::uint32_t generations = 6;
  double mutation = 0.1;
  std::uint32_t fitness_tasks = 10;
  std::uint32_t test_tasks = 600;
  std::uint64_t seed = 1;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.file("recipe", c.recipe, "recipe that the supernet was trained by");
    v.file("parameters", c.parameters, "meta_parameters.npy of its result");
    v.file("machine", c.machine,
           "run configuration of the machine; networks and images replace its workload");
    v.choice("measure", c.measure, cost_measure_names,
             "what the budget is of, for a frame: cycles, energy or frame_time");
    v.real("budget", c.budget, 0.01, 0.99, "this quantile of what the calibration networks take");
    v.integer("calibration_networks", c.calibration_networks, 4, 100000,
              "random networks that are simulated to turn counts into the measure, by a straight line "
              "through logarithms");
    v.integer("population", c.population, 2, 10000, "networks of a generation");
    v.integer("generations", c.generations, 1, 10000, "after the first");
    v.real("mutation", c.mutation, 0.0, 1.0, "share of a child's choices that are drawn anew");
    v.integer("fitness_tasks", c.fitness_tasks, 1, 100000,
              "validation tasks whose mean accuracy after the inner steps is the fitness");
    v.integer("test_tasks", c.test_tasks, 2, 100000, "test tasks that the networks found are measured on");
    v.integer("seed", c.seed, 0, UINT64_MAX, "of the search");
    v.required({"recipe", "parameters", "machine"});
  }
};

struct FewShotSearchFile {
  FewShotSearchConfig few_shot_search;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.section("few_shot_search", c.few_shot_search, "which networks of a supernet suit a machine");
    v.required({"few_shot_search"});
  }
};

bool is_few_shot_search(const YamlNode& document);

/// Throws ConfigurationError, and InputDataError for a missing file.
FewShotSearchConfig load_few_shot_search(const YamlNode& document);

/// A network that a search has found.
struct FoundSubNetwork {
  SubNetwork network;
  double simulated = 0.0;            ///< in the unit of the measure
  double validation_accuracy = 0.0;  ///< that the search has seen
  TaskAccuracy test;
};

/// What one way of predicting the measure has led to.
struct SearchArm {
  std::string name;  ///< parameters, multiply_accumulates, table, simulated, random
  /// None where it predicts more than the budget of all networks, which happens where few costs lie below it.
  std::optional<FoundSubNetwork> found;
  double predicted = 0.0;
  std::uint64_t refused = 0;
  /// The fittest of all that the arm has evaluated that keeps to the budget when it is simulated.
  std::optional<FoundSubNetwork> within;
};

struct SearchResult {
  CostMeasure measure = CostMeasure::cycles;
  double budget = 0.0;
  std::vector<SearchArm> arms;
};

/// One genetic search for each prediction of the measure, and a random one by simulation, with as many
/// evaluations each, on the same supernet. `check` is called often and may throw.
SearchResult search_few_shot(const FewShotSearchConfig& config, const FewShotConfig& recipe,
                             const CharacterImages& images, const MetaLayout& layout,
                             const MetaValues& values, MetaLearner& learner, const CostModel& machine,
                             const std::function<void(const std::string&)>& check);

/// What the supernet's training has left. Throws InputDataError when it is not of this layout.
MetaValues read_supernet(const FewShotSearchConfig& config, const MetaLayout& layout);

/// Writes a folder for each arm that found one with its network, adapted to the first test task, and last
/// `search.csv`.
void write_search(const SearchResult& result, const FewShotConfig& recipe, const CharacterImages& images,
                  const MetaLayout& layout, const MetaValues& values, MetaLearner& learner,
                  const std::string& folder);

/// A line for each arm.
std::string search_csv(const SearchResult& result);
std::string search_text(const SearchResult& result);

}  // namespace lacuna
