#include "sim/search/run/candidate_points.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "sim/network/load_weights.h"
#include "sim/search/block_network.h"
#include "sim/training/rounded_activations.h"
#include "sim/training/trained_layer.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

Json figures_json(const MachineFigures& figures) {
  Json json = Json::array();
  for (const std::optional<double>& each : figures) {
    // JSON has no infinities; nothing that is not read costs less than nothing.
    json.push_back(!each ? Json(nullptr) : std::isinf(*each) ? Json("infinite") : Json(*each));
  }
  return json;
}

MachineFigures figures_of_json(const Json& json) {
  MachineFigures figures;
  for (const Json& each : json) {
    figures.push_back(each.is_null()     ? std::nullopt
                      : each.is_string() ? std::optional<double>(std::numeric_limits<double>::infinity())
                                         : std::optional<double>(each.get<double>()));
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

TrainingHooks quiet_hooks(const std::function<bool()>& stop) {
  TrainingHooks hooks;
  hooks.progress = [](const TrainingProgress&) {};
  hooks.stop = stop;
  hooks.save = [](const TrainingState&) {};
  return hooks;
}

/// The network with the numbers that weight_bytes made of one like it, from position `next` on.
Network with_weight_bytes(Network network, const std::string& bytes, std::size_t next) {
  const auto take = [&](std::vector<float>& numbers) {
    const std::size_t size = numbers.size() * sizeof(float);
    if (size > bytes.size() - next) {
      throw std::logic_error("a trained candidate has other weights than its network");
    }
    std::memcpy(numbers.data(), bytes.data() + next, size);
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

std::string CandidatePoints::measure_key(std::size_t machine, const Genotype& genotype) const {
  const Chosen chosen(search_, genotype);
  return sha256_text("machine " + search_.network_digest + chosen.variant(machine).digest + "\n" +
                     chosen.text_for(machine));
}

std::string CandidatePoints::plan_key(std::size_t machine, const Genotype& genotype) const {
  return sha256_text("plan " + measure_key(machine, genotype));
}

std::string CandidatePoints::score_key(const Genotype& genotype) const {
  return sha256_text(fmt::format("score {} {} {}\n{}", search_.network_digest, search_.config.score_images,
                                 libraries_, Chosen(search_, genotype).weights_text()));
}

std::string CandidatePoints::original_key() const {
  return sha256_text(
      fmt::format("original {} {} {}", search_.network_digest, search_.config.score_images, libraries_));
}

std::string CandidatePoints::train_key(const Genotype& genotype) const {
  const Chosen chosen(search_, genotype);
  std::string what =
      fmt::format("train {} {} {}", search_.training_digest, search_.config.images, libraries_);
  for (std::size_t machine = 0; machine < search_.machines.size(); ++machine) {
    what += " " + chosen.variant(machine).digest + chosen.text_for(machine);
  }
  return sha256_text(what + "\n" + chosen.network_text());
}

CandidatePoints::Untrained CandidatePoints::untrained(const std::vector<BlockType>& types) const {
  Untrained made;
  made.blocks = block_network(search_.skeleton, types);
  made.network = made.blocks.network;
  load_weights(made.network, search_.config.seed);
  for (NetworkLayer& layer : made.network.layers) {
    if (has_weights(layer.kind)) {
      auto weights = std::make_shared<LayerWeights>(*layer.weights);
      weights->bias.assign(layer.outputs(), 0.0F);
      layer.weights = std::move(weights);
    }
  }
  return made;
}

CandidatePoints::Seen CandidatePoints::seen(const Genotype& genotype) const {
  const Chosen chosen(search_, genotype);
  Untrained made = untrained(chosen.types());
  Seen result;
  result.network =
      chosen.with_formats(made.blocks, std::move(made.network), search_.config.density, &result.arithmetic);
  chosen.add_settings(made.blocks, result.arithmetic);
  return result;
}

NetworkCost CandidatePoints::cost_of(const Seen& seen, std::size_t machine, const Genotype& genotype) const {
  const CostModel& model = *Chosen(search_, genotype).variant(machine).model;
  return model.takes_arithmetic() ? model.measure(seen.network, images_, seen.arithmetic)
                                  : model.measure(seen.network, images_);
}

PointOutcome CandidatePoints::measure(std::size_t machine, const Genotype& genotype) const {
  return outcome_of([&] {
    const NetworkCost cost = cost_of(seen(genotype), machine, genotype);
    Json json = {{"figures", figures_json(figures_of(cost))}, {"layers", Json::array()}};
    for (const FrameCost::Layer& layer : cost.layers) {
      json["layers"].push_back({layer.name, layer.cycles});
    }
    return json.dump();
  });
}

PointOutcome CandidatePoints::plan(std::size_t machine, const Genotype& genotype) const {
  return outcome_of([&] {
    const CostModel& model = *Chosen(search_, genotype).variant(machine).model;
    const Seen made = seen(genotype);
    NetworkCost cost;
    cost.planned_cycles = model.planned_cycles(
        made.network, images_, model.takes_arithmetic() ? made.arithmetic : std::vector<LayerArithmetic>());
    return Json({{"figures", figures_json(figures_of(cost))}, {"layers", Json::array()}}).dump();
  });
}

PointOutcome CandidatePoints::score_of(const std::vector<BlockType>& types, const Chosen* chosen) const {
  return outcome_of([&] {
    Untrained made = untrained(types);
    const Network network = chosen == nullptr
                                ? std::move(made.network)
                                : chosen->with_formats(made.blocks, std::move(made.network), 1.0, nullptr);
    std::vector<TrainedLayer> layers = normalised_layers(network);
    const NetworkScores scores = make_network_(network)->scores(layers, score_batch_, made.blocks.probes);
    return Json::array(
               {round_trip(scores.fisher), round_trip(scores.naswot), round_trip(scores.gradient_norm)})
        .dump();
  });
}

PointOutcome CandidatePoints::score(const Genotype& genotype) const {
  const Chosen chosen(search_, genotype);
  return score_of(chosen.types(), &chosen);
}

PointOutcome CandidatePoints::score_original() const {
  return score_of(plain_types(), nullptr);
}

std::vector<BlockType> CandidatePoints::plain_types() const {
  return std::vector<BlockType>(search_.places, block_type("Conv"));
}

std::vector<std::size_t> CandidatePoints::stage_ends(const BlockNetwork& blocks) const {
  std::vector<std::size_t> ends;
  std::size_t behind = 0;
  for (const SearchStageConfig& stage : search_.config.skeleton.stages) {
    behind += stage.blocks;
    ends.push_back(blocks.ends[behind - 1]);
  }
  return ends;
}

std::string CandidatePoints::teacher_key() const {
  return sha256_text(fmt::format("teacher {} {}", search_.training_digest, libraries_));
}

std::optional<PointOutcome> CandidatePoints::train_teacher(const std::function<bool()>& stop) const {
  bool stopped = false;
  PointOutcome outcome = outcome_of([&] {
    const Untrained start = untrained(plain_types());
    TrainingConfig config = config_;
    config.phases.resize(1);  // no weights are cut
    TrainingState state;
    state.layers = normalised_layers(start.network);
    stopped = !lacuna::train(config, data_, *make_network_(start.network), state, quiet_hooks(stop));
    return stopped ? std::string() : weight_bytes(with_weights(start.network, state.layers));
  });
  return stopped ? std::nullopt : std::optional<PointOutcome>(std::move(outcome));
}

AttentionLoss CandidatePoints::attention_loss(const BlockNetwork& student,
                                              const PointOutcome& teacher) const {
  struct Teacher {
    Network network;
    std::vector<TrainedLayer> layers;
    std::unique_ptr<ScoredNetwork> torch;  // refers to the network
  };
  const Untrained start = untrained(plain_types());
  auto trained = std::make_shared<Teacher>();
  trained->network = with_weight_bytes(start.network, teacher.counts, 0);
  trained->layers = trained_layers(trained->network, false);
  trained->torch = make_network_(trained->network);
  AttentionLoss loss;
  loss.weight = *search_.config.training->attention_transfer;
  loss.layers = stage_ends(student);
  loss.teacher = [trained, ends = stage_ends(start.blocks)](const ImageBatch& batch) {
    return trained->torch->attention(trained->layers, batch, ends);
  };
  return loss;
}

bool CandidatePoints::train_quantised(const Genotype& genotype, const Untrained& start, TrainingState& state,
                                      const TrainingHooks& hooks) const {
  const Chosen chosen(search_, genotype);
  const Network folded = with_weights(start.network, state.layers);
  TrainingConfig config = config_;
  config.keep_zeros = search_.config.density < 1.0;
  config.phases.clear();
  PhaseConfig& phase = config.phases.emplace_back();
  phase.name = "quantised";
  phase.layers = chosen.format_phase(start.blocks);
  phase.steps = search_.config.training->steps_when_quantised;
  TrainingHooks fitting = hooks;
  if (!search_.config.activations.empty()) {
    phase.activations.emplace();
    fitting.fit_activations = [&](ActivationConfig settings, std::vector<TrainedLayer>& layers) {
      const std::vector<Tensor> images = data_.images(settings.images);
      chosen.fit_activations(start.blocks, layers, [&](std::uint32_t bits, std::vector<TrainedLayer>& all) {
        settings.bits = bits;
        fit_activations(settings, folded, images, all);
      });
    };
  }
  const std::unique_ptr<ScoredNetwork> torch = make_network_(folded);
  TrainingState quantised = first_state(config, folded);
  if (!lacuna::train(config, data_, *torch, quantised, fitting)) {
    return false;
  }
  state = std::move(quantised);
  return true;
}

std::optional<PointOutcome> CandidatePoints::train(const Genotype& genotype,
                                                   const std::optional<PointOutcome>& teacher,
                                                   const std::function<bool()>& stop) const {
  bool stopped = false;
  PointOutcome outcome = outcome_of([&]() -> std::string {
    const Chosen chosen(search_, genotype);
    const Untrained start = untrained(chosen.types());
    const std::unique_ptr<ScoredNetwork> torch = make_network_(start.network);
    TrainingState state;
    state.layers = normalised_layers(start.network);
    if (teacher) {
      torch->attend(attention_loss(start.blocks, *teacher));
    }
    const TrainingHooks hooks = quiet_hooks(stop);
    if (!lacuna::train(config_, data_, *torch, state, hooks) ||
        (search_.config.are_quantised() && !train_quantised(genotype, start, state, hooks))) {
      stopped = true;
      return {};
    }
    Seen result;
    result.network = with_weights(start.network, state.layers);
    result.arithmetic = arithmetic_of(state.layers);
    chosen.add_settings(start.blocks, result.arithmetic);
    const Evaluation& test = state.outcomes.back().test;
    Json json = {{"correct", test.correct}, {"images", test.images}, {"loss", test.loss()}};
    json["machines"] = Json::array();
    for (std::size_t machine = 0; machine < search_.machines.size(); ++machine) {
      const PointOutcome measured =
          outcome_of([&] { return figures_json(figures_of(cost_of(result, machine, genotype))).dump(); });
      json["machines"].push_back(measured.failed() ? Json(measured.error) : Json::parse(measured.counts));
    }
    return json.dump() + "\n" + weight_bytes(result.network);
  });
  return stopped ? std::nullopt : std::optional<PointOutcome>(std::move(outcome));
}

MachineFigures CandidatePoints::read_figures(const PointOutcome& outcome) {
  return figures_of_json(Json::parse(outcome.counts).at("figures"));
}

std::vector<FrameCost::Layer> CandidatePoints::read_layers(const PointOutcome& outcome) {
  std::vector<FrameCost::Layer> layers;
  const Json json = Json::parse(outcome.counts);
  for (const Json& layer : json.at("layers")) {
    layers.push_back({layer.at(0).get<std::string>(), layer.at(1).get<double>(), {}});
  }
  return layers;
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

TrainedFigures CandidatePoints::measure_trained(const Network& network,
                                                const std::vector<TrainedLayer>& layers,
                                                const Evaluation& test) const {
  const Network result = with_weights(network, layers);
  TrainedFigures figures;
  figures.correct = test.correct;
  figures.images = test.images;
  figures.loss = test.loss();
  for (const SearchMachine& machine : search_.machines) {
    std::optional<MachineFigures>& found = figures.machines.emplace_back();
    outcome_of([&] {
      found = figures_of(machine.variants.front().model->measure(result, images_));
      return std::string();
    });
  }
  return figures;
}

std::string CandidatePoints::trained_text(const TrainedFigures& figures) {
  Json json = {{"correct", figures.correct}, {"images", figures.images}, {"loss", figures.loss}};
  json["machines"] = Json::array();
  for (const std::optional<MachineFigures>& machine : figures.machines) {
    json["machines"].push_back(machine ? figures_json(*machine) : Json("cannot run it"));
  }
  return json.dump();
}

Network CandidatePoints::trained_network(const Genotype& genotype, const PointOutcome& outcome) const {
  return with_weight_bytes(untrained(Chosen(search_, genotype).types()).network, outcome.counts,
                           outcome.counts.find('\n') + 1);
}

Network CandidatePoints::structure(const Genotype& genotype) const {
  return block_network(search_.skeleton, Chosen(search_, genotype).types()).network;
}

std::uint64_t CandidatePoints::parameters(const Genotype& genotype) const {
  return stored_parameters(structure(genotype));
}

std::uint64_t CandidatePoints::products(const Genotype& genotype) const {
  return network_products(search_.skeleton, Chosen(search_, genotype).types());
}

}  // namespace lacuna
