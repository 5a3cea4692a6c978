#include "sim/training/training_result.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/checksum.h"
#include "models/common/version.h"
#include "sim/files/output_file.h"
#include "sim/network/write_network.h"
#include "sim/report/text_formats.h"
#include "sim/report/text_table.h"
#include "sim/training/dead_neurons.h"
#include "sim/training/rounded_activations.h"
#include "sim/yaml/field_writer.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

Json evaluation_json(const Evaluation& evaluation) {
  if (evaluation.images == 0) {
    return nullptr;
  }
  return {{"images", evaluation.images}, {"correct", evaluation.correct}, {"mean_loss", evaluation.loss()}};
}

Json number_json(const LayerSearchConfig& search, const SearchedNumber& number) {
  if (search.target == SearchTarget::density) {
    return {{"density", number.value}};
  }
  const auto kind = static_cast<std::size_t>(search.formats[number.kind].kind);
  return {{"kind", quantise_kind_names.begin()[kind]}, {"weight_bits", number.value}};
}

/// Costs in the measure's unit.
Json search_json(const PhaseConfig& phase, const SearchState& search,
                 const std::vector<TrainedLayer>& layers) {
  const std::vector<std::string> names = names_of(layers);
  const std::vector<std::size_t> searched = searched_layers(phase, names);
  const bool global = phase.search->mode == SearchMode::global;
  Json json = {{"baseline", evaluation_json(search.baseline)},
               {"cost_before", search.first_cost},
               {"cost_after", search.cost}};
  json["layers"] = Json::object();
  for (std::size_t s = 0; s < searched.size(); ++s) {
    json["layers"][names[searched[s]]] = number_json(*phase.search, search.groups[global ? 0 : s].number);
  }
  json["changes"] = Json::array();
  for (const SearchMove& move : search.moves) {
    Json change = {{"layer", global ? Json(nullptr) : Json(names[searched[move.group]])}};
    change.update(number_json(*phase.search, move.number));
    change["cost_before"] = move.cost_before;
    change["cost_after"] = move.cost_after;
    change["validation"] = evaluation_json(move.validation);
    change["taken"] = move.taken;
    json["changes"].push_back(std::move(change));
  }
  return json;
}

Json phase_json(const PhaseConfig& phase, const PhaseOutcome& outcome,
                const std::vector<TrainedLayer>& layers) {
  Json json = {{"name", phase.name}, {"epochs", phase.epochs()}};
  json["before_training"] = outcome.changed ? Json{{"validation", evaluation_json(outcome.cut_validation)},
                                                   {"test", evaluation_json(outcome.cut_test)}}
                                            : Json(nullptr);
  json["validation"] = evaluation_json(outcome.validation);
  json["test"] = evaluation_json(outcome.test);
  json["layers"] = Json::array();
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const LayerOutcome& layer = outcome.layers[l];
    json["layers"].push_back({{"name", layers[l].name},
                              {"weights", layer.weights},
                              {"nonzeros", layer.nonzeros},
                              {"shared_values", layer.shared_values}});
  }
  if (phase.cut_by_cost) {
    json["cost_cuts"] = Json::array();
    for (const CostCut& cut : outcome.cost_cuts) {
      Json step = {{"layer", layers[cut.layer].name}, {"form", cut_form_name(cut.form)},
                   {"weights", cut.weights},          {"saliency", cut.saliency},
                   {"cost_before", cut.cost_before},  {"cost_after", cut.cost_after}};
      if (phase.cut_by_cost->loss) {
        step["loss"] = cut.loss;
      }
      json["cost_cuts"].push_back(std::move(step));
    }
  }
  if (phase.search) {
    json["search"] = search_json(phase, outcome.search, layers);
  }
  return json;
}

Json codebooks_json(const std::vector<TrainedLayer>& layers) {
  Json json = Json::object();
  for (const TrainedLayer& layer : layers) {
    if (layer.shared()) {
      json[layer.name] = {{"values", layer.codebook}, {"biases", !layer.bias_codes.empty()}};
    }
  }
  return json;
}

Json gates_json(const std::vector<TrainedLayer>& layers) {
  Json json = Json::object();
  for (const TrainedLayer& layer : layers) {
    if (layer.gates) {
      json[layer.name] = {{"winners", layer.gates->winners},
                          {"channels", layer.gates->bias.size()},
                          {"lanes", layer.gates->lanes}};
    }
  }
  return json;
}

/// Of rounded outputs.
Json activations_json(const std::vector<TrainedLayer>& layers) {
  Json json = Json::object();
  for (const TrainedLayer& layer : layers) {
    if (layer.activations) {
      json[layer.name] = to_text(*layer.activations);
    }
  }
  return json;
}

/// What `lacuna report` draws.
Json curve_json(const TrainingConfig& config, const TrainingState& state) {
  Json json = Json::array();
  for (const EpochResult& row : state.curve) {
    json.push_back({{"phase", config.phases[row.phase].name},
                    {"epoch", row.epoch + 1},
                    {"rate", row.rate},
                    {"training", evaluation_json(row.training)},
                    {"validation", evaluation_json(row.validation)}});
  }
  return json;
}

/// Formats of quantised weights, as datapaths take them.
Json formats_json(const std::vector<TrainedLayer>& layers) {
  Json json = Json::object();
  for (const TrainedLayer& layer : layers) {
    if (layer.format) {
      json[layer.name] = {{"format", to_text(layer.format->format)}, {"scale", layer.format->scale}};
    }
  }
  return json;
}

Json removed_json(const std::vector<RemovedNeurons>& removed) {
  Json json = Json::object();
  for (const RemovedNeurons& each : removed) {
    json[each.layer] = {{"without_outputs", each.without_outputs}, {"without_inputs", each.without_inputs}};
  }
  return json;
}

bool biases_are_shared(const std::vector<TrainedLayer>& layers) {
  return std::any_of(layers.begin(), layers.end(),
                     [](const TrainedLayer& layer) { return !layer.bias_codes.empty(); });
}

std::string percent(double share) {
  return fmt::format("{:.2f}", 100.0 * share);
}

std::string errors(const Evaluation& evaluation) {
  return evaluation.images == 0 ? "" : fmt::format("{}", evaluation.errors());
}

}  // namespace

Json provenance_of(Json recipe, const TrainingOrigin& origin) {
  Json inputs = Json::array();
  for (const std::string& file : origin.files) {
    inputs.push_back(
        {{"file", std::filesystem::path(file).filename().string()}, {"sha256", sha256_file(file)}});
  }
  return {{"program", "lacuna"},           {"version", program_version()}, {"commit", program_commit()},
          {"libraries", origin.libraries}, {"recipe", std::move(recipe)},  {"inputs", std::move(inputs)}};
}

Json provenance_json(const TrainingConfig& config, const TrainingOrigin& origin) {
  return provenance_of(FieldWriter::of(config), origin);
}

std::string training_identity(const TrainingConfig& config, const TrainingOrigin& origin) {
  return sha256_text(provenance_json(config, origin).dump());
}

std::string curves_csv(const TrainingConfig& config, const TrainingState& state) {
  std::string text = "phase,epoch,rate,training_loss,training_accuracy,validation_loss,validation_accuracy\n";
  for (const EpochResult& row : state.curve) {
    text += fmt::format("{},{},{},{},{}", csv_quoted(config.phases[row.phase].name), row.epoch + 1, row.rate,
                        row.training.loss(), row.training.accuracy());
    text += row.validation.images == 0
                ? ",,\n"
                : fmt::format(",{},{}\n", row.validation.loss(), row.validation.accuracy());
  }
  return text;
}

std::string training_text(const TrainingConfig& config, const TrainingState& state) {
  TextTable table({"phase", "epochs", "weights left", "%", "validation", "test", "test when cut"});
  for (std::size_t p = 0; p < state.outcomes.size(); ++p) {
    const PhaseOutcome& outcome = state.outcomes[p];
    std::uint64_t weights = 0;
    std::uint64_t nonzeros = 0;
    for (const LayerOutcome& layer : outcome.layers) {
      weights += layer.weights;
      nonzeros += layer.nonzeros;
    }
    table.add_row({config.phases[p].name, std::to_string(config.phases[p].epochs()), std::to_string(nonzeros),
                   percent(static_cast<double>(nonzeros) / static_cast<double>(weights)),
                   errors(outcome.validation), errors(outcome.test),
                   outcome.changed ? errors(outcome.cut_test) : ""});
  }
  const Evaluation& test = state.outcomes.back().test;
  const Evaluation& validation = state.outcomes.back().validation;
  return table.str() +
         fmt::format("Wrong classes of {} validation and {} test images.\n", validation.images, test.images);
}

void write_training(const TrainingConfig& config, const TrainingOrigin& origin, const Network& network,
                    const TrainingState& state, const std::string& folder) {
  Network result = with_weights(network, state.layers);
  std::vector<RemovedNeurons> removed;
  if (config.remove_dead_neurons) {
    result = without_dead_neurons(result, biases_are_shared(state.layers), removed);
  }
  result = with_rounding(result, state.layers);
  write_network(result, config.test, folder);
  const std::filesystem::path path(folder);
  write_output((path / "curves.csv").string(), curves_csv(config, state));
  Json json = {{"schema", "lacuna.training/1"}};
  json.update(provenance_json(config, origin));
  json["phases"] = Json::array();
  for (std::size_t p = 0; p < state.outcomes.size(); ++p) {
    json["phases"].push_back(phase_json(config.phases[p], state.outcomes[p], state.layers));
  }
  json["curve"] = curve_json(config, state);
  json["codebooks"] = codebooks_json(state.layers);
  json["gates"] = gates_json(state.layers);
  json["formats"] = formats_json(state.layers);
  json["activations"] = activations_json(state.layers);
  json["removed_neurons"] = removed_json(removed);
  write_output((path / "training.json").string(), pretty_json(json));
}

}  // namespace lacuna
