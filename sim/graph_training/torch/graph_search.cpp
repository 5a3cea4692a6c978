#include "sim/graph_training/torch/graph_search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/data/random/random_stream.h"
#include "sim/graph_training/graph_search_result.h"
#include "sim/graph_training/torch/graph_model.h"
#include "sim/graph_training/torch/graph_quantisers.h"
#include "sim/graph_training/torch/graph_trainer.h"
#include "sim/network/aggregation.h"

namespace lacuna {
namespace {

/// Steps between two checkpoints.
constexpr std::uint32_t save_steps = 20;

/// Numbers of the streams within a purpose.
constexpr std::uint64_t trial_stream = std::uint64_t{1} << 40;
constexpr std::uint64_t second_draw = std::uint64_t{1} << 32;
constexpr std::uint64_t final_draw = std::uint64_t{1} << 41;

double uniform(RandomStream& stream) {
  return std::ldexp(static_cast<double>(stream.next()) + 0.5, -32);
}

/// Lists of numbers that learn, in the order in which they were made.
class Registry {
 public:
  at::Tensor add(const at::Tensor& first, double decay) {
    learning_.emplace_back(first, decay);
    return learning_.back().values;
  }
  std::vector<Learning>& all() { return learning_; }

 private:
  std::vector<Learning> learning_;
};

/// A matrix with what ternary rows learn.
struct SharedMatrix {
  at::Tensor weights;
  at::Tensor threshold;
  at::Tensor scale;

  void make(Registry& registry, RandomStream& stream, std::int64_t rows, std::int64_t columns, double decay) {
    weights = registry.add(drawn_weights(stream, rows, columns), decay);
    threshold = registry.add(at::full({rows, 1}, first_ternary_threshold, at::kFloat), 0.0);
    scale = registry.add(at::ones({rows, 1}, at::kFloat), 0.0);
  }
};

/// The weights of all candidates.
class Supernet {
 public:
  Supernet(const GraphSearchConfig& config, const GraphSpace& space, RandomStream& stream) {
    const double decay = config.training.weight_decay;
    const double others = config.training.decay_all ? decay : 0.0;
    blocks_.resize(space.block_count());
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      Block& block = blocks_[b];
      const bool last = b + 1 == blocks_.size();
      const std::int64_t width = last ? space.classes() : space.largest_width();
      const std::int64_t sources = b == 0 ? 1 : static_cast<std::int64_t>(b);
      const std::int64_t columns = b == 0 ? space.features() : space.largest_width();
      block.sources.resize(static_cast<std::size_t>(sources));
      for (at::Tensor& each : block.sources) {
        each = registry_.add(drawn_weights(stream, width, columns), b == 0 ? decay : others);
      }
      block.threshold = registry_.add(at::full({width, 1}, first_ternary_threshold, at::kFloat), 0.0);
      block.scale = registry_.add(at::ones({width, 1}, at::kFloat), 0.0);
      block.transform_bias = registry_.add(at::zeros({width}, at::kFloat), others);
      block.bias = registry_.add(at::zeros({width}, at::kFloat), others);
      for (std::size_t kind = 0; kind + 1 < attention_options; ++kind) {
        const auto attention = static_cast<AttentionKind>(kind);
        const auto rows = static_cast<std::int64_t>(attention_rows(attention));
        if (rows > 0) {
          block.attention[attention].make(registry_, stream, rows, width, others);
        }
      }
    }
  }

  /// A candidate's parameters as parts of the shared ones.
  std::vector<LayerParameters> parameters(const GraphCandidate& candidate,
                                          const std::vector<GraphBlock>& chosen) const {
    std::vector<LayerParameters> all(candidate.origins.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      const GraphLayerOrigin& origin = candidate.origins[i];
      const Block& block = blocks_[origin.block];
      const GraphBlock& choice = chosen[origin.block];
      const std::int64_t width = choice.width;
      if (origin.part == BlockPart::transform) {
        std::vector<at::Tensor> parts;
        if (choice.sources.empty()) {
          parts.push_back(block.sources.front().narrow(0, 0, width));
        }
        for (const std::size_t source : choice.sources) {
          parts.push_back(block.sources[source].narrow(0, 0, width).narrow(1, 0, chosen[source].width));
        }
        all[i].weights = parts.size() == 1 ? parts.front() : at::cat(parts, 1);
        all[i].threshold = block.threshold.narrow(0, 0, width);
        all[i].scale = block.scale.narrow(0, 0, width);
        if (!choice.attention) {
          all[i].bias = block.transform_bias.narrow(0, 0, width);
        }
      } else if (origin.part == BlockPart::aggregation) {
        all[i].bias = block.bias.narrow(0, 0, width);
        const auto attention = block.attention.find(*choice.attention);
        if (attention != block.attention.end()) {
          all[i].weights = attention->second.weights.narrow(1, 0, width);
          all[i].threshold = attention->second.threshold;
          all[i].scale = attention->second.scale;
        }
      }
    }
    return all;
  }

  std::vector<Learning>& learning() { return registry_.all(); }

 private:
  struct Block {
    std::vector<at::Tensor> sources;  ///< a matrix for each earlier block
    at::Tensor threshold;
    at::Tensor scale;
    at::Tensor transform_bias;
    at::Tensor bias;
    std::map<AttentionKind, SharedMatrix> attention;
  };

  Registry registry_;
  std::vector<Block> blocks_;
};

/// Logits of some decisions: a hidden layer over a learnt embedding.
class Controller {
 public:
  Controller(const GraphSpace& space, bool of_bits, RandomStream& stream) {
    constexpr std::int64_t embedding = 16;
    constexpr std::int64_t hidden = 32;
    std::int64_t outputs = 0;
    for (std::size_t d = 0; d < space.decisions().size(); ++d) {
      const GraphDecision& decision = space.decisions()[d];
      if (decision.of_bits() == of_bits) {
        places_.push_back({d, outputs, static_cast<std::int64_t>(decision.options)});
        outputs += places_.back().options;
      }
    }
    constexpr double small = 0.1;  // first logits are nearly alike
    embedding_ = registry_.add(drawn_weights(stream, 1, embedding), 0.0);
    first_ = registry_.add(drawn_weights(stream, hidden, embedding), 0.0);
    second_ = registry_.add(drawn_weights(stream, outputs, hidden).mul(small), 0.0);
    bias_ = registry_.add(at::zeros({outputs}, at::kFloat), 0.0);
  }

  /// Into the places of the decisions.
  void logits(std::vector<at::Tensor>& of_decisions) const {
    const at::Tensor all = embedding_.matmul(first_.t()).tanh().matmul(second_.t()).add(bias_).reshape({-1});
    for (const Place& place : places_) {
      of_decisions[place.decision] = all.narrow(0, place.first, place.options);
    }
  }

  std::vector<Learning>& learning() { return registry_.all(); }

 private:
  struct Place {
    std::size_t decision;
    std::int64_t first;
    std::int64_t options;
  };

  Registry registry_;
  std::vector<Place> places_;
  at::Tensor embedding_;
  at::Tensor first_;
  at::Tensor second_;
  at::Tensor bias_;
};

/// A candidate as it was drawn.
struct Draw {
  GraphChoice choice;
  std::vector<at::Tensor> logits;  ///< of each decision, without noise
  std::vector<at::Tensor> noisy;
};

class GradientSearch {
 public:
  GradientSearch(const GraphSearchConfig& config, const GraphTrainingInput& input, const GraphSpace& space,
                 const GraphCost& cost, GraphSearchState& state)
      : config_(config),
        space_(space),
        cost_(cost),
        state_(state),
        tensors_(input.features, graph_of(input)),
        train_(input.train),
        validation_(input.validation),
        stream_(config.training.seed, StreamPurpose::graph_weights, 0),
        supernet_(config, space, stream_),
        architecture_(space, false, stream_),
        bits_(space, true, stream_) {
    if (!state.learnt.empty()) {
      std::size_t next = 0;
      for (std::vector<Learning>* list : all()) {
        for (Learning& each : *list) {
          each.restore(state.learnt[next++]);
        }
      }
    }
  }

  bool run(const GraphHooks& hooks) {
    while (state_.step < config_.steps) {
      if (hooks.stop && hooks.stop()) {
        save();
        return false;
      }
      step();
      ++state_.step;
      if (hooks.progress) {
        hooks.progress();
      }
      if (hooks.save && state_.step % save_steps == 0) {
        save();
        hooks.save();
      }
    }
    propose();
    state_.learnt.clear();
    return true;
  }

 private:
  /// The most likely choice, and others as they are drawn behind the last step: no network twice.
  void propose() {
    const at::NoGradGuard no_gradients;
    constexpr std::uint32_t draws_each = 50;  // controllers that are sure draw the same again and again
    GraphChoice likely;
    for (const at::Tensor& each : logits()) {
      likely.push_back(static_cast<std::uint8_t>(each.argmax().item<std::int64_t>()));
    }
    std::set<std::string> known = {space_.text(likely)};
    state_.proposed = {likely};
    for (std::uint32_t i = 0;
         i < config_.finalists * draws_each && state_.proposed.size() < config_.finalists; ++i) {
      const GraphChoice drawn = draw(final_draw + i).choice;
      if (known.insert(space_.text(drawn)).second) {
        state_.proposed.push_back(drawn);
      }
    }
  }

  static const Graph& graph_of(const GraphTrainingInput& input) {
    for (const NetworkLayer& layer : input.network.layers) {
      if (layer.graph != nullptr) {
        return *layer.graph;
      }
    }
    throw ConfigurationError({input.config.network.resolved, 0, "network"}, "has no aggregation layer",
                             "one, so that the graph is read");
  }

  std::array<std::vector<Learning>*, 3> all() {
    return {&supernet_.learning(), &architecture_.learning(), &bits_.learning()};
  }

  void save() {
    state_.learnt.clear();
    for (std::vector<Learning>* list : all()) {
      for (const Learning& each : *list) {
        state_.learnt.push_back(each.state());
      }
    }
  }

  double noise() const {
    const double share =
        config_.steps > 1 ? static_cast<double>(state_.step) / static_cast<double>(config_.steps - 1) : 1.0;
    return config_.noise + (config_.last_noise - config_.noise) * share;
  }

  std::vector<at::Tensor> logits() const {
    std::vector<at::Tensor> result(space_.decisions().size());
    architecture_.logits(result);
    bits_.logits(result);
    return result;
  }

  Draw draw(std::uint64_t number) const {
    RandomStream stream(config_.training.seed, StreamPurpose::graph_candidate, number);
    Draw draw;
    draw.logits = logits();
    for (const at::Tensor& each : draw.logits) {
      std::vector<float> gumbel(static_cast<std::size_t>(each.numel()));
      for (float& value : gumbel) {
        value = static_cast<float>(-noise() * std::log(-std::log(uniform(stream))));
      }
      draw.noisy.push_back(each.add(tensor_of(gumbel, each.sizes())));
      draw.choice.push_back(static_cast<std::uint8_t>(draw.noisy.back().argmax().item<std::int64_t>()));
    }
    return draw;
  }

  void step() {
    const Draw first = draw(state_.step);
    const GraphCandidate candidate = space_.candidate(first.choice);
    RandomStream stream(config_.training.seed, StreamPurpose::graph_dropout, state_.step);
    std::uint64_t draws = 0;
    const at::Tensor loss = train_.loss(model(candidate).forward(
        supernet_.parameters(candidate, space_.blocks(first.choice)), Dropout(stream, draws)));
    loss.backward();
    level_gradients();
    for (Learning& each : supernet_.learning()) {
      each.step(config_.training.rate);
    }
    const double training_loss = loss.item<double>();
    if (!std::isfinite(training_loss)) {
      throw InputDataError({}, fmt::format("the loss of step {} is not finite", state_.step + 1),
                           "a lower rate");
    }
    const bool architecture = state_.step >= config_.architecture_warm_up;
    const bool bits = state_.step >= config_.quantisation_warm_up;
    if (architecture || bits) {
      learn_to_choose(training_loss, architecture, bits);
    }
  }

  /// Brings the gradient of a step to length 1. Adam's moments are those of all paths together: without this,
  /// paths whose sums are large would set the pace, and the others hardly learn.
  void level_gradients() {
    double squares = 0.0;
    for (const Learning& each : supernet_.learning()) {
      if (each.values.grad().defined()) {
        squares += each.values.grad().square().sum().item<double>();
      }
    }
    if (!(squares > 0.0) || !std::isfinite(squares)) {
      return;
    }
    for (Learning& each : supernet_.learning()) {
      if (each.values.grad().defined()) {
        each.values.mutable_grad() = each.values.grad().div(std::sqrt(squares));
      }
    }
  }

  GraphModel model(const GraphCandidate& candidate) const {
    return {tensors_, candidate.numbered.network, candidate.numbered.numbers, config_.training};
  }

  /// A candidate, and what it is worth.
  struct Judged {
    Draw draw;
    at::Tensor loss;
    double objective = 0.0;
  };

  Judged judged(std::uint64_t number, double training_loss) {
    Judged result;
    result.draw = draw(number);
    const GraphChoice& choice = result.draw.choice;
    const GraphCandidate candidate = space_.candidate(choice);
    std::vector<LayerParameters> parameters = supernet_.parameters(candidate, space_.blocks(choice));
    std::vector<ElementParameters> roundings;
    const at::Tensor outputs = validation_outputs(result.draw, candidate, parameters, roundings);
    result.loss = validation_.loss(outputs);
    const double validation_loss = result.loss.item<double>();
    const double cost = cost_of(choice, candidate, parameters, roundings);
    const double score = config_.score == GraphScore::loss
                             ? validation_loss
                             : 1.0 - validation_.evaluation(outputs.detach()).accuracy();
    result.objective = score + (config_.cost ? config_.cost_weight * std::log(std::max(cost, 1.0)) : 0.0);
    if (!std::isfinite(result.objective)) {
      throw InputDataError({}, fmt::format("the loss of step {} is not finite", state_.step + 1),
                           "a lower rate");
    }
    state_.curve.push_back({state_.step + 1, training_loss, validation_loss, cost, choice});
    return result;
  }

  void learn_to_choose(double training_loss, bool architecture, bool bits) {
    std::vector<Judged> all_drawn;
    double sum = 0.0;
    for (std::uint32_t i = 0; i < config_.draws; ++i) {
      all_drawn.push_back(
          judged(second_draw + std::uint64_t{state_.step} * config_.draws + i, training_loss));
      sum += all_drawn.back().objective;
    }
    const auto others = static_cast<double>(config_.draws - 1);
    at::Tensor total = at::zeros({}, at::kFloat);
    for (const Judged& each : all_drawn) {
      const double advantage = each.objective - (sum - each.objective) / others;
      total = total.add(each.loss.mul(config_.path_weight))
                  .add(log_probability(each.draw).mul(advantage))
                  .add(expected_bits(each.draw).mul(config_.quantisation_weight));
    }
    total.div(static_cast<double>(config_.draws)).backward();
    for (Learning& each : supernet_.learning()) {
      each.forget_gradient();
    }
    learn(architecture_, architecture);
    learn(bits_, bits);
  }

  /// With a gradient where the path has a weight.
  at::Tensor validation_outputs(const Draw& draw, const GraphCandidate& candidate,
                                std::vector<LayerParameters>& parameters,
                                std::vector<ElementParameters>& roundings) const {
    if (config_.path_weight == 0.0) {
      const at::NoGradGuard no_gradients;
      return model(candidate).forward(parameters, Dropout(), &roundings);
    }
    set_factors(draw, candidate, parameters);
    return model(candidate).forward(parameters, Dropout(), &roundings);
  }

  void learn(Controller& controller, bool learns) const {
    for (Learning& each : controller.learning()) {
      if (learns) {
        each.step(config_.controller_rate);
      } else {
        each.forget_gradient();
      }
    }
  }

  /// Each component times the probability of its options over itself.
  void set_factors(const Draw& draw, const GraphCandidate& candidate,
                   std::vector<LayerParameters>& parameters) const {
    const std::vector<bool> active = space_.active(draw.choice);
    for (std::size_t d = 0; d < active.size(); ++d) {
      if (!active[d]) {
        continue;
      }
      const GraphDecision& decision = space_.decisions()[d];
      const at::Tensor p = at::softmax(draw.noisy[d], 0).select(0, draw.choice[d]);
      const at::Tensor factor = p.div(p.detach());
      for (std::size_t i = 0; i < parameters.size(); ++i) {
        if (candidate.origins[i].block == decision.block &&
            candidate.origins[i].part == part_of(decision, candidate)) {
          at::Tensor& whole = parameters[i].factor;
          whole = whole.defined() ? whole.mul(factor) : factor;
        }
      }
    }
  }

  /// The part of a block whose output a decision's factor multiplies.
  static BlockPart part_of(const GraphDecision& decision, const GraphCandidate& candidate) {
    const auto has = [&](BlockPart part) {
      return std::any_of(
          candidate.origins.begin(), candidate.origins.end(),
          [&](const GraphLayerOrigin& each) { return each.block == decision.block && each.part == part; });
    };
    switch (decision.what) {
      case BlockDecision::activation:
        if (has(BlockPart::activation)) {
          return BlockPart::activation;
        }
        [[fallthrough]];
      case BlockDecision::attention:
      case BlockDecision::reduction:
      case BlockDecision::heads:
      case BlockDecision::output_bits:
      case BlockDecision::attention_bits:
        return has(BlockPart::aggregation) ? BlockPart::aggregation : BlockPart::transform;
      default:
        return BlockPart::transform;
    }
  }

  at::Tensor log_probability(const Draw& draw) const {
    const std::vector<bool> active = space_.active(draw.choice);
    at::Tensor sum = at::zeros({}, at::kFloat);
    for (std::size_t d = 0; d < active.size(); ++d) {
      if (active[d]) {
        sum = sum.add(at::log_softmax(draw.logits[d].div(noise()), 0).select(0, draw.choice[d]));
      }
    }
    return sum;
  }

  /// Of the drawn architecture, as a share of 32 for every number.
  at::Tensor expected_bits(const Draw& draw) const {
    constexpr double real_bits = 32.0;
    double numbers = 0.0;
    at::Tensor sum = at::zeros({}, at::kFloat);
    for (const GraphComponent& component : space_.components(draw.choice)) {
      const std::size_t options = space_.decisions()[component.decision].options;
      std::vector<float> widths(options);
      for (std::size_t o = 0; o < options; ++o) {
        widths[o] = static_cast<float>(space_.bits_of(component.decision, o));
      }
      const at::Tensor bits = tensor_of(widths, {static_cast<std::int64_t>(options)});
      sum = sum.add(at::softmax(draw.logits[component.decision], 0).mul(bits).sum().mul(component.numbers));
      numbers += component.numbers;
    }
    return sum.div(real_bits * numbers);
  }

  /// Of a candidate with the weights of now; one that was met before has the cost that it had then, whatever
  /// was drawn where it makes no difference.
  double cost_of(const GraphChoice& drawn, const GraphCandidate& candidate,
                 const std::vector<LayerParameters>& parameters,
                 const std::vector<ElementParameters>& roundings) {
    if (!config_.cost) {
      return 0.0;
    }
    const GraphChoice choice = space_.essential(drawn);
    const auto place =
        std::lower_bound(state_.costs.begin(), state_.costs.end(), choice,
                         [](const CostedChoice& a, const GraphChoice& b) { return a.choice < b; });
    if (place != state_.costs.end() && place->choice == choice) {
      return place->cost;
    }
    TrainedGraphNetwork values;
    values.layers = layer_values(candidate.numbered.numbers, parameters, roundings);
    double cost = 0.0;
    try {
      cost = cost_.of(choice, network_of(candidate.numbered.network, values));
    } catch (const CapacityError&) {
      cost = no_room_cost();
    }
    state_.costs.insert(place, {choice, cost});
    return cost;
  }

  /// Of a candidate that the machine has no room for: ten times the most so far.
  double no_room_cost() const {
    constexpr double times = 10.0;
    double most = 1.0;
    for (const CostedChoice& each : state_.costs) {
      most = std::max(most, each.cost);
    }
    return times * most;
  }

  const GraphSearchConfig& config_;
  const GraphSpace& space_;
  const GraphCost& cost_;
  GraphSearchState& state_;
  GraphTensors tensors_;
  NodePart train_;
  NodePart validation_;
  RandomStream stream_;
  Supernet supernet_;
  Controller architecture_;
  Controller bits_;
};

GraphChoice random_choice(const GraphSpace& space, std::uint64_t seed, std::uint64_t number) {
  RandomStream stream(seed, StreamPurpose::graph_candidate, trial_stream + number);
  GraphChoice choice;
  for (const GraphDecision& decision : space.decisions()) {
    choice.push_back(static_cast<std::uint8_t>(stream.below(static_cast<std::uint32_t>(decision.options))));
  }
  return choice;
}

/// Trains one network from one seed and adds it to `trials`. That of the best trial so far is the first
/// network of `best`, which goes on with the other seeds. False when stopped.
bool try_one(const GraphSearchConfig& config, const GraphTrainingInput& input, const GraphSpace& space,
             const GraphCost& cost, const GraphChoice& choice, GraphSearchState& state,
             std::vector<GraphTrial>& trials, GraphTrainingState& best, const GraphHooks& hooks) {
  GraphTrial trial;
  trial.choice = choice;
  GraphTrainingInput own = input_of_candidate(input, space, trial.choice);
  own.config.seeds = 1;
  if (!train_graph_networks(own, state.trial_training, hooks)) {
    return false;
  }
  const TrainedGraphNetwork& trained = state.trial_training.networks.front();
  trial.validation = trained.validation;
  trial.objective =
      config.score == GraphScore::loss ? trial.validation.loss() : 1.0 - trial.validation.accuracy();
  if (config.cost) {
    try {
      trial.cost = cost.of(trial.choice, network_of(own.network, trained));
      trial.objective += config.cost_weight * std::log(std::max(trial.cost, 1.0));
    } catch (const CapacityError&) {
      trial.objective = std::numeric_limits<double>::max();
    }
  }
  const bool is_best = trials.empty() || trial.objective < GraphSearchState::best_of(trials).objective;
  trials.push_back(std::move(trial));
  if (is_best) {
    best = std::move(state.trial_training);
  }
  state.trial_training = {};
  return true;
}

/// The controllers' choice, or the best of several when they are trained. False when stopped.
bool choose(const GraphSearchConfig& config, const GraphTrainingInput& input, const GraphSpace& space,
            const GraphCost& cost, GraphSearchState& state, const GraphHooks& hooks) {
  if (state.proposed.empty() && !GradientSearch(config, input, space, cost, state).run(hooks)) {
    return false;
  }
  if (config.finalists == 1) {
    state.found = state.proposed.front();
    return true;
  }
  while (state.finals.size() < state.proposed.size()) {
    if (!try_one(config, input, space, cost, state.proposed[state.finals.size()], state, state.finals,
                 state.found_training, hooks)) {
      return false;
    }
  }
  state.found = GraphSearchState::best_of(state.finals).choice;
  return true;
}

}  // namespace

bool search_graph_networks(const GraphSearchConfig& config, const GraphTrainingInput& input,
                           const GraphSpace& space, const GraphCost& cost, GraphSearchState& state,
                           const GraphHooks& hooks) {
  if (state.found.empty() && !choose(config, input, space, cost, state, hooks)) {
    return false;
  }
  if (!train_graph_networks(input_of_candidate(input, space, state.found), state.found_training, hooks)) {
    return false;
  }
  if (!config.random_search) {
    return true;
  }
  while (state.trials.size() < random_trials(config)) {
    const GraphChoice choice = random_choice(space, config.training.seed, state.trials.size());
    if (!try_one(config, input, space, cost, choice, state, state.trials, state.random_training, hooks)) {
      return false;
    }
  }
  return train_graph_networks(input_of_candidate(input, space, state.best_trial().choice),
                              state.random_training, hooks);
}

}  // namespace lacuna
