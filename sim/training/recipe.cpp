#include "sim/training/recipe.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/yaml/field_reader.h"

namespace lacuna {
namespace {

void set_places(const YamlNode& document, TrainingConfig& config) {
  const YamlNode& phases = *document.find("training")->find("phases");
  for (std::size_t p = 0; p < config.phases.size(); ++p) {
    const std::string path = fmt::format("training.phases.{}", p);
    config.phases[p].place = phases.items[p].place(path);
    const YamlNode* const layers = phases.items[p].find("layers");
    for (std::size_t l = 0; l < config.phases[p].layers.size(); ++l) {
      config.phases[p].layers[l].place = layers->items[l].place(fmt::format("{}.layers.{}", path, l));
    }
  }
}

void check_data(const DataDescription& data, const char* key, const ErrorPlace& place) {
  if (data.labels.empty()) {
    throw ConfigurationError({place.file, place.line, fmt::format("training.{}.labels", key)}, "is missing",
                             "the class of each image");
  }
  for (const FilePath* each : {&data.npy, &data.idx, &data.labels}) {
    check_exists(*each);
  }
}

/// Whether a phase has a section, for all layers or for one.
template <class Section>
bool has(const PhaseConfig& phase, std::optional<Section> PhaseConfig::*section,
         std::optional<Section> PhaseLayerConfig::*own) {
  return phase.*section ||
         std::any_of(phase.layers.begin(), phase.layers.end(),
                     [own](const PhaseLayerConfig& layer) { return (layer.*own).has_value(); });
}

bool shares(const PhaseConfig& phase) {
  return has(phase, &PhaseConfig::share, &PhaseLayerConfig::share);
}

bool quantises(const PhaseConfig& phase) {
  return (phase.search && phase.search->target == SearchTarget::weight_bits) ||
         has(phase, &PhaseConfig::quantise, &PhaseLayerConfig::quantise);
}

bool has_surgery(const PhaseConfig& phase) {
  return has(phase, &PhaseConfig::surgery, &PhaseLayerConfig::surgery);
}

bool has_gates(const PhaseConfig& phase) {
  return has(phase, &PhaseConfig::gates, &PhaseLayerConfig::gates);
}

bool cuts(const PhaseConfig& phase) {
  return has_surgery(phase) || phase.cut_by_cost ||
         (phase.search && phase.search->target == SearchTarget::density) ||
         has(phase, &PhaseConfig::prune, &PhaseLayerConfig::prune);
}

ErrorPlace below(const ErrorPlace& place, const char* key) {
  return {place.file, place.line, place.key + "." + key};
}

void check_phase_layers(const PhaseConfig& phase) {
  std::set<std::string> names;
  for (const PhaseLayerConfig& layer : phase.layers) {
    if (!names.insert(layer.name).second) {
      throw ConfigurationError(layer.place, fmt::format("layer '{}' stands here twice", layer.name),
                               "each layer once");
    }
    const bool changes = layer.prune || layer.surgery || layer.share || layer.gates ||
                         layer.activation_lasso || layer.quantise;
    if (layer.skip && changes) {
      throw ConfigurationError(
          layer.place, "skips a layer that it also cuts, shares, quantises or gives gates", "one of them");
    }
    if (!layer.skip && !changes) {
      throw ConfigurationError(layer.place, "says nothing of its layer",
                               "prune, surgery, share, gates, activation_lasso, quantise or skip");
    }
  }
}

void check_cost_cut(const TrainingConfig& config, const PhaseConfig& phase) {
  if (!phase.cut_by_cost) {
    return;
  }
  const ErrorPlace place = below(phase.place, "cut_by_cost");
  if (!config.cost) {
    throw ConfigurationError(place, "needs to know what costs", "training.cost");
  }
  if (has_surgery(phase) || shares(phase)) {
    throw ConfigurationError(place, "stands beside surgery or share", "a phase of its own for either");
  }
  const CostCutConfig& cut = *phase.cut_by_cost;
  if (cut.loss.has_value() == cut.saliency.has_value()) {
    throw ConfigurationError(place, cut.loss ? "has two limits" : "has no limit", "loss or saliency");
  }
  if (!cut.elements && !cut.columns && !cut.rows && !cut.balance_pe_count) {
    throw ConfigurationError(place, "leaves nothing that a step may take",
                             "elements, columns, rows or balance_pe_count");
  }
}

/// Bits are whole, shares are shares, and a search goes down.
void check_search_numbers(const LayerSearchConfig& search, const ErrorPlace& place) {
  const bool bits = search.target == SearchTarget::weight_bits;
  if (bits == search.formats.empty()) {
    throw ConfigurationError(below(place, "formats"),
                             bits ? "says of no format" : "belongs to target: weight_bits",
                             bits ? "one or more, such as {kind: fixed}" : "no formats for densities");
  }
  const auto suits = [bits](double number) {
    return bits ? number == std::floor(number) && number >= 1.0 : number > 0.0 && number <= 1.0;
  };
  const std::pair<const char*, double> numbers[] = {
      {"from", search.from}, {"to", search.to}, {"step", search.step}, {"min_step", search.min_step}};
  for (const auto& [key, number] : numbers) {
    if (!suits(number)) {
      throw ConfigurationError(below(place, key), fmt::format("{} is no number of the target", number),
                               bits ? "whole bits" : "a share above 0, up to 1");
    }
  }
  if (search.to > search.from || search.min_step > search.step) {
    throw ConfigurationError(place, "does not go down", "to at most from, min_step at most step");
  }
}

void check_search(const TrainingConfig& config, const PhaseConfig& phase) {
  if (!phase.search) {
    return;
  }
  const ErrorPlace place = below(phase.place, "search");
  if (!config.cost) {
    throw ConfigurationError(place, "needs to know what costs", "training.cost");
  }
  if (config.validation_images == 0) {
    throw ConfigurationError(place, "judges by held-out images", "training.validation_images above 0");
  }
  if (phase.prune || phase.surgery || phase.share || phase.gates || phase.quantise || phase.cut_by_cost) {
    throw ConfigurationError(place, "stands beside what it could undo",
                             "a phase with search, activations, layers and steps alone");
  }
  check_search_numbers(*phase.search, place);
}

/// Formats without a scale have none to learn.
void check_scale(const PhaseConfig& phase) {
  const auto check = [](const std::optional<QuantiseConfig>& config, const ErrorPlace& place) {
    if (config && config->learn_scale && config->kind < QuantiseKind::focused) {
      throw ConfigurationError(below(place, "quantise.learn_scale"), "the format has no scale",
                               "focused, ternary or binary");
    }
  };
  check(phase.quantise, phase.place);
  for (const PhaseLayerConfig& layer : phase.layers) {
    check(layer.quantise, layer.place);
  }
}

/// Stops need images to judge by, and a search has as many epochs for each change.
void check_patience(const TrainingConfig& config, const PhaseConfig& phase) {
  const auto is_patient = [](const StepConfig& step) { return step.patience.has_value(); };
  const bool early = std::any_of(phase.steps.begin(), phase.steps.end(), is_patient);
  if (early && config.validation_images == 0) {
    throw ConfigurationError(below(phase.place, "steps"), "patience judges by held-out images",
                             "training.validation_images above 0");
  }
  if (phase.search &&
      std::any_of(phase.search->fine_tune.begin(), phase.search->fine_tune.end(), is_patient)) {
    throw ConfigurationError(below(phase.place, "search.fine_tune"), "has patience",
                             "as many epochs for each change");
  }
}

void check_phases(const TrainingConfig& config) {
  std::set<std::string> names;
  bool shared = false;
  bool quantised = false;
  bool rounded = false;
  for (const PhaseConfig& phase : config.phases) {
    if (!names.insert(phase.name).second) {
      throw ConfigurationError(below(phase.place, "name"),
                               fmt::format("another phase has the name '{}'", phase.name), "unique names");
    }
    check_phase_layers(phase);
    if (shared && (phase.dense || cuts(phase) || shares(phase) || has_gates(phase))) {
      throw ConfigurationError(phase.place, "follows a phase that shares weights, whose assignment stays",
                               "steps alone; or another recipe that starts from this one's result");
    }
    if (has_surgery(phase) && (shares(phase) || phase.steps.empty())) {
      throw ConfigurationError(phase.place,
                               "has surgery, which goes with training weights that are not shared",
                               "steps, and a phase of its own to share");
    }
    if (phase.steps.empty() && phase.activation_lasso) {
      throw ConfigurationError(phase.place, "has activation_lasso and trains nothing", "steps");
    }
    check_cost_cut(config, phase);
    check_search(config, phase);
    check_patience(config, phase);
    if (phase.activations && (rounded || config.remove_dead_neurons)) {
      throw ConfigurationError(
          below(phase.place, "activations"),
          rounded ? "follows a phase that has them" : "stands beside remove_dead_neurons, which knows none",
          rounded ? "one phase with activations"
                  : "a recipe of its own, from the result without dead neurons");
    }
    rounded = rounded || phase.activations;
    check_scale(phase);
    if (quantises(phase) && (shared || shares(phase) || has_surgery(phase))) {
      throw ConfigurationError(phase.place, "quantises weights that are shared or in surgery",
                               "recipes that share weights, or such that quantise them");
    }
    if (quantised && (phase.dense || cuts(phase) || shares(phase) || has_gates(phase))) {
      throw ConfigurationError(
          phase.place, "follows a phase that quantises weights",
          "steps and quantise alone; or another recipe that starts from this one's result");
    }
    if (phase.steps.empty() && !phase.dense && !cuts(phase) && !shares(phase) && !has_gates(phase) &&
        !quantises(phase) && !phase.activations) {
      throw ConfigurationError(phase.place, "does nothing",
                               "steps, prune, surgery, share, gates, quantise, activations or dense");
    }
    shared = shared || shares(phase);
    quantised = quantised || quantises(phase);
  }
}

}  // namespace

std::uint32_t PhaseConfig::epochs() const {
  std::uint32_t sum = 0;
  for (const StepConfig& step : steps) {
    sum += step.epochs;
  }
  return sum;
}

const StepConfig& PhaseConfig::step(std::uint32_t epoch, std::uint32_t& first) const {
  first = 0;
  for (const StepConfig& step : steps) {
    if (epoch - first < step.epochs) {
      return step;
    }
    first += step.epochs;
  }
  throw Error({}, fmt::format("phase '{}' has no such epoch", name));
}

double PhaseConfig::rate(std::uint32_t epoch) const {
  std::uint32_t first = 0;
  return step(epoch, first).rate;
}

TrainingConfig load_training(const YamlNode& document) {
  TrainingFile file;
  FieldReader::read_section(document, "", file);
  TrainingConfig& config = file.training;
  set_places(document, config);
  config.cost_place = document.find("training")->place("training.cost");
  check_phases(config);
  check_exists(config.network);
  const YamlNode& node = *document.find("training");
  check_data(config.train, "train", node.find("train")->place({}));
  check_data(config.test, "test", node.find("test")->place({}));
  return std::move(config);
}

LayerPlan plan_of(const PhaseConfig& phase, const std::string& layer) {
  for (const PhaseLayerConfig& own : phase.layers) {
    if (own.name == layer) {
      if (own.skip) {
        return {};
      }
      return {own.prune ? own.prune : phase.prune,
              own.surgery ? own.surgery : phase.surgery,
              own.share ? own.share : phase.share,
              own.gates ? own.gates : phase.gates,
              own.quantise ? own.quantise : phase.quantise,
              own.activation_lasso.value_or(phase.activation_lasso.value_or(0.0))};
    }
  }
  return {phase.prune, phase.surgery,  phase.share,
          phase.gates, phase.quantise, phase.activation_lasso.value_or(0.0)};
}

namespace {

bool is_rectified(const NetworkLayer& layer) {
  return has_weights(layer.kind) && layer.activation != Activation::none;
}

const NetworkLayer& layer_of(const Network& network, const std::string& name) {
  return *std::find_if(network.layers.begin(), network.layers.end(),
                       [&](const NetworkLayer& layer) { return layer.name == name; });
}

}  // namespace

std::vector<std::size_t> searched_layers(const PhaseConfig& phase, const std::vector<std::string>& names) {
  std::vector<std::size_t> searched;
  for (std::size_t l = 0; l < names.size(); ++l) {
    const bool has_own = std::any_of(phase.layers.begin(), phase.layers.end(),
                                     [&](const PhaseLayerConfig& layer) { return layer.name == names[l]; });
    if (!has_own) {
      searched.push_back(l);
    }
  }
  return searched;
}

bool takes_gates(const NetworkLayer& layer) {
  return layer.kind == LayerKind::convolution && layer.groups == 1;
}

void check_layer_names(const TrainingConfig& config, const Network& network) {
  const auto some_layer = [&](auto suits) {
    return std::any_of(network.layers.begin(), network.layers.end(), suits);
  };
  for (const PhaseConfig& phase : config.phases) {
    if (phase.gates && !some_layer(takes_gates)) {
      throw ConfigurationError(below(phase.place, "gates"), "of a network that has no convolution",
                               "gates of convolutions in one group");
    }
    if (phase.activation_lasso && !some_layer(is_rectified)) {
      throw ConfigurationError(below(phase.place, "activation_lasso"),
                               "of a network in which no layer with weights has activation relu or relu6",
                               "such a layer");
    }
    for (const PhaseLayerConfig& each : phase.layers) {
      const bool known = std::any_of(
          network.layers.begin(), network.layers.end(),
          [&](const NetworkLayer& layer) { return layer.name == each.name && has_weights(layer.kind); });
      if (!known) {
        throw ConfigurationError(each.place, fmt::format("the network has no layer '{}'", each.name),
                                 "the name of a layer with weights");
      }
      if (each.activation_lasso && !is_rectified(layer_of(network, each.name))) {
        throw ConfigurationError(each.place, fmt::format("activation_lasso of layer '{}'", each.name),
                                 "a layer with activation relu or relu6");
      }
      if (each.gates && !takes_gates(layer_of(network, each.name))) {
        throw ConfigurationError(each.place, fmt::format("gates of layer '{}'", each.name),
                                 "gates of convolutions in one group");
      }
    }
  }
}

}  // namespace lacuna
