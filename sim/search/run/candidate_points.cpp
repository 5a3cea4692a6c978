#include "sim/search/run/candidate_points.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "sim/network/load_weights.h"
#include "sim/search/block_network.h"
#include "sim/training/train.h"
#include "sim/training/trained_layer.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

Json figures_json(const MachineFigures& figures) {
  Json json = Json::array();
  for (const std::optional<double>& each : figures) {
    json.push_back(each ? Json(*each) : Json(nullptr));
  }
  return json;
}

MachineFigures figures_of_json(const Json& json) {
  MachineFigures figures;
  for (const Json& each : json) {
    figures.push_back(each.is_null() ? std::nullopt : std::optional<double>(each.get<double>()));
  }
  return figures;
}

/// Exact, whatever the number: JSON has no infinities.
std::string round_trip(double value) {
  return fmt::format("{}", value);
}

/// Numbers of all layers with weights, weights before biases, as they lie in memory.
std::string weight_bytes(const Network& network) {
  std::string bytes;
  for (const NetworkLayer& layer : network.layers) {
    if (has_weights(layer.kind)) {
      for (const auto* numbers : {&layer.weights->values, &layer.weights->bias}) {
        bytes.append(reinterpret_cast<const char*>(numbers->data()), numbers->size() * sizeof(float));
      }
    }
  }
  return bytes;
}

template <class Action>
PointOutcome outcome_of(Action&& action) {
  PointOutcome outcome;
  try {
    outcome.counts = action();
  } catch (const Error& error) {
    outcome.error = error.what();
  }
  return outcome;
}

}  // namespace

CandidatePoints::CandidatePoints(const Search& search, NetworkMaker make_network,
                                 const std::string& libraries)
    : search_(search),
      make_network_(std::move(make_network)),
      libraries_(libraries),
      config_(training_config()),
      data_(config_,
            {search.skeleton.image_height, search.skeleton.image_width, search.skeleton.image_channels},
            search.skeleton.classes),
      images_(data_.images(search.config.images)) {
  const std::size_t there = data_.size(DataPart::training);
  if (images_.size() < search.config.images || there < search.config.score_images) {
    throw InputDataError({data_.files().front(), 0, {}},
                         fmt::format("holds {} images, of which {} are to be simulated and {} scored", there,
                                     search.config.images, search.config.score_images),
                         "at least as many");
  }
  score_batch_ =
      data_.batch(DataPart::training, data_.order(search.config.seed, 0), 0, search.config.score_images);
}

TrainingConfig CandidatePoints::training_config() const {
  const SearchConfig& search = search_.config;
  TrainingConfig config;
  config.train = search.train;
  config.test = search.test.value_or(search.train);
  config.validation_images = 0;
  config.seed = search.seed;
  if (search.training) {
    config.batch = search.training->batch;
    config.momentum = search.training->momentum;
    config.weight_decay = search.training->weight_decay;
    PhaseConfig& dense = config.phases.emplace_back();
    dense.name = "dense";
    dense.steps = search.training->steps;
    if (search.density < 1.0) {
      PhaseConfig& cut = config.phases.emplace_back();
      cut.name = "cut";
      cut.prune.emplace().density = search.density;
      cut.steps = search.training->steps_when_cut;
    }
  }
  return config;
}

std::string CandidatePoints::key(const std::string& what, const Genotype& genotype) const {
  return sha256_text(what + "\n" + genotype_text(search_, genotype));
}

std::string CandidatePoints::measure_key(std::size_t machine, const Genotype& genotype) const {
  return key("machine " + search_.network_digest + search_.machines[machine].digest, genotype);
}

std::string CandidatePoints::score_key(const Genotype& genotype) const {
  return key(fmt::format("score {} {} {}", search_.network_digest, search_.config.score_images, libraries_),
             genotype);
}

std::string CandidatePoints::train_key(const Genotype& genotype) const {
  std::string what =
      fmt::format("train {} {} {}", search_.training_digest, search_.config.images, libraries_);
  for (const SearchMachine& machine : search_.machines) {
    what += " " + machine.digest;
  }
  return key(what, genotype);
}

Network CandidatePoints::untrained(const Genotype& genotype) const {
  Network network = block_network(search_.skeleton, types_of(search_, genotype)).network;
  load_weights(network, search_.config.seed);
  for (NetworkLayer& layer : network.layers) {
    if (has_weights(layer.kind)) {
      auto weights = std::make_shared<LayerWeights>(*layer.weights);
      weights->bias.assign(layer.outputs(), 0.0F);
      layer.weights = std::move(weights);
    }
  }
  return network;
}

Network CandidatePoints::as_machines_see(Network network) const {
  if (search_.config.density == 1.0) {
    return network;
  }
  std::vector<TrainedLayer> layers = trained_layers(network, false);
  PruneConfig prune;
  prune.density = search_.config.density;
  for (TrainedLayer& layer : layers) {
    cut(layer, prune);
  }
  return with_weights(network, layers);
}

PointOutcome CandidatePoints::measure(std::size_t machine, const Genotype& genotype) const {
  return outcome_of([&] {
    const Network network = as_machines_see(untrained(genotype));
    return figures_json(figures_of(search_.machines[machine].model->measure(network, images_))).dump();
  });
}

PointOutcome CandidatePoints::score(const Genotype& genotype) const {
  return outcome_of([&] {
    const BlockNetwork blocks = block_network(search_.skeleton, types_of(search_, genotype));
    const Network network = untrained(genotype);
    std::vector<TrainedLayer> layers = normalised_layers(network);
    const NetworkScores scores = make_network_(network)->scores(layers, score_batch_, blocks.probes);
    return Json::array(
               {round_trip(scores.fisher), round_trip(scores.naswot), round_trip(scores.gradient_norm)})
        .dump();
  });
}

std::optional<PointOutcome> CandidatePoints::train(const Genotype& genotype,
                                                   const std::function<bool()>& stop) const {
  bool stopped = false;
  PointOutcome outcome = outcome_of([&]() -> std::string {
    const Network network = untrained(genotype);
    const std::unique_ptr<ScoredNetwork> torch = make_network_(network);
    TrainingState state;
    state.layers = normalised_layers(network);
    TrainingHooks hooks;
    hooks.progress = [](const TrainingProgress&) {};
    hooks.stop = stop;
    hooks.save = [](const TrainingState&) {};
    if (!lacuna::train(config_, data_, *torch, state, hooks)) {
      stopped = true;
      return {};
    }
    const Network result = with_weights(network, state.layers);
    const Evaluation& test = state.outcomes.back().test;
    Json json = {{"correct", test.correct}, {"images", test.images}, {"loss", test.loss()}};
    json["machines"] = Json::array();
    for (const SearchMachine& machine : search_.machines) {
      const PointOutcome measured = outcome_of(
          [&] { return figures_json(figures_of(machine.model->measure(result, images_))).dump(); });
      json["machines"].push_back(measured.failed() ? Json(measured.error) : Json::parse(measured.counts));
    }
    return json.dump() + "\n" + weight_bytes(result);
  });
  return stopped ? std::nullopt : std::optional<PointOutcome>(std::move(outcome));
}

MachineFigures CandidatePoints::read_figures(const PointOutcome& outcome) {
  return figures_of_json(Json::parse(outcome.counts));
}

NetworkScores CandidatePoints::read_scores(const PointOutcome& outcome) {
  const Json json = Json::parse(outcome.counts);
  const auto number = [&](std::size_t i) { return std::stod(json.at(i).get<std::string>()); };
  return {number(0), number(1), number(2)};
}

TrainedFigures CandidatePoints::read_trained(const PointOutcome& outcome) {
  const Json json = Json::parse(outcome.counts.substr(0, outcome.counts.find('\n')));
  TrainedFigures figures;
  figures.correct = json.at("correct").get<std::uint64_t>();
  figures.images = json.at("images").get<std::uint64_t>();
  const Json& loss = json.at("loss");  // JSON has neither infinities nor what is no number
  figures.loss = loss.is_null() ? std::numeric_limits<double>::quiet_NaN() : loss.get<double>();
  for (const Json& machine : json.at("machines")) {
    const bool failed = machine.is_string();
    figures.machines.push_back(failed ? std::nullopt
                                      : std::optional<MachineFigures>(figures_of_json(machine)));
  }
  return figures;
}

Network CandidatePoints::trained_network(const Genotype& genotype, const PointOutcome& outcome) const {
  Network network = untrained(genotype);
  std::size_t next = outcome.counts.find('\n') + 1;
  const auto take = [&](std::vector<float>& numbers) {
    const std::size_t size = numbers.size() * sizeof(float);
    if (size > outcome.counts.size() - next) {
      throw std::logic_error("a trained candidate has other weights than its network");
    }
    std::memcpy(numbers.data(), outcome.counts.data() + next, size);
    next += size;
  };
  for (NetworkLayer& layer : network.layers) {
    if (has_weights(layer.kind)) {
      auto weights = std::make_shared<LayerWeights>(*layer.weights);
      take(weights->values);
      take(weights->bias);
      layer.weights = std::move(weights);
    }
  }
  return network;
}

std::uint64_t CandidatePoints::parameters(const Genotype& genotype) const {
  return stored_parameters(block_network(search_.skeleton, types_of(search_, genotype)).network);
}

std::uint64_t CandidatePoints::products(const Genotype& genotype) const {
  return network_products(search_.skeleton, types_of(search_, genotype));
}

}  // namespace lacuna
