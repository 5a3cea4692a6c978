#include "sim/graph_training/graph_search_result.h"

#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "sim/files/output_file.h"
#include "sim/graph_training/graph_training_result.h"
#include "sim/report/text_formats.h"
#include "sim/yaml/field_writer.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

/// Null for a network that the machine has no room for.
Json cost_json(const GraphCost& cost, const GraphChoice& choice, const Network& network) {
  try {
    return cost.of(choice, network);
  } catch (const CapacityError&) {
    return nullptr;
  }
}

struct Arm {
  const char* name;
  const GraphChoice& choice;
  const GraphTrainingState& training;
};

std::vector<Arm> arms_of(const GraphSearchState& state) {
  std::vector<Arm> arms = {{"found", state.found, state.found_training}};
  if (!state.trials.empty()) {
    arms.push_back({"random", state.best_trial().choice, state.random_training});
  }
  return arms;
}

Json trials_json(const GraphSpace& space, const std::vector<GraphTrial>& all) {
  Json trials = Json::array();
  for (const GraphTrial& trial : all) {
    trials.push_back({{"network", space.text(trial.choice)},
                      {"validation_correct", trial.validation.correct},
                      {"validation_loss", trial.validation.loss()},
                      {"cost", trial.cost},
                      {"objective", trial.objective}});
  }
  return trials;
}

std::string search_csv(const GraphSpace& space, const GraphSearchState& state) {
  std::string text = "step,training_loss,validation_loss,cost,network\n";
  for (const GraphSearchStep& row : state.curve) {
    text += fmt::format("{},{},{},{},{}\n", row.step, row.training_loss, row.validation_loss, row.cost,
                        csv_quoted(space.text(row.choice)));
  }
  return text;
}

}  // namespace

std::string graph_search_identity(const GraphSearchConfig& config, const TrainingOrigin& origin) {
  return sha256_text(provenance_of(FieldWriter::of(config), origin).dump());
}

GraphTrainingInput input_of_candidate(const GraphTrainingInput& input, const GraphSpace& space,
                                      const GraphChoice& choice) {
  GraphTrainingInput result = input;
  GraphCandidate candidate = space.candidate(choice);
  result.network = std::move(candidate.numbered.network);
  result.numbers = std::move(candidate.numbered.numbers);
  return result;
}

void write_graph_search(const GraphSearchConfig& config, const GraphTrainingInput& input,
                        const TrainingOrigin& origin, const GraphSpace& space, const GraphCost& cost,
                        const GraphSearchState& state, const std::string& folder) {
  const fs::path path(folder);
  Json json = {{"schema", "lacuna.graph_search/1"}};
  json.update(provenance_of(FieldWriter::of(config), origin));
  json["arms"] = Json::array();
  for (const Arm& arm : arms_of(state)) {
    const GraphTrainingInput own = input_of_candidate(input, space, arm.choice);
    std::error_code error;
    fs::create_directories(path / arm.name, error);
    const CountedGraphCost counted = space.counted(arm.choice);
    Json row = {{"arm", arm.name},
                {"network", space.text(arm.choice)},
                {"size_bits", counted.size_bits},
                {"bit_operations", counted.bit_operations}};
    if (config.cost) {
      row["cost"] = cost_json(cost, arm.choice, network_of(own.network, arm.training.networks.front()));
    }
    row["networks"] =
        write_graph_networks(own, arm.training, (path / arm.name).string(), std::string(arm.name) + "/");
    const AccuracySpread spread = test_accuracy(arm.training.networks);
    row["test_accuracy"] = {{"mean", spread.mean}, {"deviation", spread.deviation}};
    json["arms"].push_back(std::move(row));
    write_output((path / arm.name / "curves.csv").string(), graph_curves_csv(arm.training));
  }
  json["candidates_costed"] = state.costs.size();
  if (!state.finals.empty()) {
    json["finals"] = trials_json(space, state.finals);
  }
  json["trials"] = trials_json(space, state.trials);
  write_output((path / "search.csv").string(), search_csv(space, state));
  write_output((path / "graph-search.json").string(), pretty_json(json));
}

std::string graph_search_text(const GraphSpace& space, const GraphSearchState& state) {
  std::string text;
  for (const Arm& arm : arms_of(state)) {
    text += fmt::format("{}: {}\n  {:.0f} bits of weights, {:.3e} bit operations\n{}", arm.name,
                        space.text(arm.choice), space.counted(arm.choice).size_bits,
                        space.counted(arm.choice).bit_operations, graph_training_text(arm.training.networks));
  }
  return text;
}

}  // namespace lacuna
