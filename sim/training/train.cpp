#include "sim/training/train.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/training/layer_search.h"
#include "sim/yaml/error_place.h"

namespace lacuna {
namespace {

constexpr std::size_t evaluation_batch = 256;

struct Stopped {};

/// Keeps nothing but the batch.
class PlainEvaluation : public RepeatedEvaluation {
 public:
  PlainEvaluation(Differentiator& differentiator, ImageBatch batch)
      : differentiator_(differentiator), batch_(std::move(batch)) {}

  Evaluation evaluate(const std::vector<TrainedLayer>& layers) override {
    return differentiator_.evaluate(layers, batch_);
  }

 private:
  Differentiator& differentiator_;
  const ImageBatch batch_;
};

class Training {
 public:
  Training(const TrainingConfig& config, const TrainingData& data, Differentiator& differentiator,
           TrainingState& state, const TrainingHooks& hooks)
      : config_(config),
        data_(data),
        differentiator_(differentiator),
        state_(state),
        hooks_(hooks),
        batches_((data.size(DataPart::training) + config.batch - 1) / config.batch) {}

  void run() {
    while (state_.phase < config_.phases.size()) {
      step(config_.phases[state_.phase]);
    }
  }

 private:
  void step(const PhaseConfig& phase) {
    switch (state_.stage) {
      case Stage::begin:
        change_weights(phase);
        break;
      case Stage::searching:
        search(phase);
        break;
      case Stage::changed:
        measure_change();
        break;
      case Stage::epochs:
        train_epochs(phase);
        break;
      case Stage::trained:
        end_phase();
        break;
    }
  }

  void change_weights(const PhaseConfig& phase) {
    PhaseOutcome outcome;
    std::vector<TrainedLayer> layers = state_.layers;
    for (TrainedLayer& layer : layers) {
      end_surgery(layer);
      if (phase.dense) {
        make_dense(layer);
      }
      const LayerPlan plan = plan_of(phase, layer.name);
      if (plan.prune) {
        at_place(phase.place, [&] { cut(layer, *plan.prune); });
      }
      if (plan.surgery) {
        begin_surgery(layer, *plan.surgery);
      }
      if (plan.gates) {
        at_place(phase.place, [&] { begin_gates(layer, *plan.gates, config_.seed); });
      }
      if (plan.share) {
        at_place(phase.place, [&] { share(layer, *plan.share, config_.seed); });
      }
      if (plan.quantise) {
        at_place(phase.place, [&] { quantise(layer, *plan.quantise, config_.seed); });
      }
      layer.activation_lasso = plan.activation_lasso;
      outcome.changed = outcome.changed || plan.changes();
      reset_velocities(layer);
    }
    if (phase.cut_by_cost) {
      at_place(phase.place, [&] {
        const std::size_t images =
            std::min<std::size_t>(phase.cut_by_cost->images, data_.size(DataPart::training));
        const auto batches = repeated(DataPart::training, images);
        outcome.cost_cuts = hooks_.cut_by_cost(
            *phase.cut_by_cost, layers, [this] { check_stop(); },
            [this, &batches](const std::vector<TrainedLayer>& cut) {
              Evaluation sum;
              for (const auto& batch : batches) {
                check_stop();
                sum.add(batch->evaluate(cut));
              }
              return sum.loss();
            });
      });
      outcome.changed = true;
    }
    if (phase.activations) {
      at_place(phase.place, [&] { hooks_.fit_activations(*phase.activations, layers); });
      outcome.changed = true;
    }
    if (phase.search) {
      const SearchHooks hooks = search_hooks();
      at_place(phase.place, [&] { make_search(phase, layers, hooks).begin(outcome.search, layers); });
      outcome.changed = true;
    }
    state_.layers = std::move(layers);
    state_.outcomes.push_back(std::move(outcome));
    state_.stage = phase.search                     ? Stage::searching
                   : state_.outcomes.back().changed ? Stage::changed
                                                    : Stage::epochs;
  }

  LayerSearch make_search(const PhaseConfig& phase, const std::vector<TrainedLayer>& layers,
                          const SearchHooks& hooks) const {
    return {*phase.search, searched_layers(phase, names_of(layers)), config_.seed, hooks};
  }

  SearchHooks search_hooks() {
    SearchHooks hooks;
    hooks.cost = [this](const std::vector<TrainedLayer>& layers) {
      check_stop();
      return hooks_.cost(layers);
    };
    hooks.fine_tune = [this](std::vector<TrainedLayer>& layers) { return fine_tune(layers); };
    hooks.validate = [this](const std::vector<TrainedLayer>& layers) {
      return measure(DataPart::validation, layers);
    };
    return hooks;
  }

  /// A stop loses the change that is being tried, and it is tried again: with the same images in the same
  /// order.
  void search(const PhaseConfig& phase) {
    const SearchHooks hooks = search_hooks();
    LayerSearch search = make_search(phase, state_.layers, hooks);
    SearchState& state = state_.outcomes.back().search;
    std::uint32_t epochs = 0;
    for (const StepConfig& step : phase.search->fine_tune) {
      epochs += step.epochs;
    }
    while (true) {
      SearchState tried = state;
      std::vector<TrainedLayer> layers = state_.layers;
      bool goes_on = false;
      at_place(phase.place, [&] { goes_on = search.advance(tried, layers); });
      state = std::move(tried);
      state_.layers = std::move(layers);
      if (!goes_on) {
        break;
      }
      state_.epochs_done += epochs;
      hooks_.save(state_);
    }
    if (phase.search->afresh) {
      search.start_afresh(state, state_.layers);
    }
    for (TrainedLayer& layer : state_.layers) {
      reset_velocities(layer);
    }
    state.origin.clear();
    state_.stage = Stage::changed;
  }

  /// Trains layers for the steps of the phase's search; what diverges has no image right.
  Evaluation fine_tune(std::vector<TrainedLayer>& layers) {
    std::uint64_t epochs_done = state_.epochs_done;
    for (TrainedLayer& layer : layers) {
      reset_velocities(layer);
    }
    for (const StepConfig& step : config_.phases[state_.phase].search->fine_tune) {
      for (std::uint32_t epoch = 0; epoch < step.epochs; ++epoch) {
        const std::vector<std::uint32_t> order = data_.order(config_.seed, epochs_done++);
        for (std::uint64_t batch = 0; batch < batches_; ++batch) {
          check_stop();
          if (!std::isfinite(learn(order, batch, step.rate, layers).loss_sum)) {
            return {data_.size(DataPart::validation), 0, 0.0};
          }
        }
      }
    }
    return measure(DataPart::validation, layers);
  }

  /// One batch: derivatives, and a step of descent where they are numbers.
  Evaluation learn(const std::vector<std::uint32_t>& order, std::uint64_t number, double rate,
                   std::vector<TrainedLayer>& layers) {
    const std::size_t first = static_cast<std::size_t>(number) * config_.batch;
    const std::size_t count = std::min<std::size_t>(config_.batch, order.size() - first);
    const ImageBatch batch = data_.batch(DataPart::training, order, first, count);
    const Evaluation result = differentiator_.differentiate(layers, batch, gradients_);
    if (std::isfinite(result.loss_sum)) {
      for (std::size_t l = 0; l < layers.size(); ++l) {
        descend(layers[l], gradients_[l], {rate, config_.momentum, config_.weight_decay});
      }
    }
    return result;
  }

  void measure_change() {
    const Evaluation validation = measure(DataPart::validation);
    state_.outcomes.back().cut_test = measure(DataPart::test);
    state_.outcomes.back().cut_validation = validation;
    state_.stage = Stage::epochs;
  }

  void train_epochs(const PhaseConfig& phase) {
    for (const std::uint32_t epochs = phase.epochs(); state_.epoch < epochs;) {
      const double rate = phase.rate(state_.epoch);
      train_batches(phase, rate);
      if (state_.epoch + 1 < epochs) {
        refit_formats(phase);
      }
      const EpochResult result{state_.phase, state_.epoch, rate, state_.running,
                               measure(DataPart::validation)};
      state_.curve.push_back(result);
      state_.running = {};
      state_.batch = 0;
      ++state_.epoch;
      ++state_.epochs_done;
      stop_early(phase, result.validation.loss());
      hooks_.save(state_);
    }
    state_.stage = Stage::trained;
  }

  /// Behind an epoch of a step with patience: keeps the best, goes back to it when the step ends, and to the
  /// step's end when it is over.
  void stop_early(const PhaseConfig& phase, double loss) {
    const std::uint32_t epoch = state_.epoch - 1;
    std::uint32_t first = 0;
    const StepConfig& step = phase.step(epoch, first);
    if (!step.patience) {
      return;
    }
    if (state_.best_layers.empty() || loss < state_.best_loss) {
      state_.best_layers = state_.layers;
      state_.best_epoch = epoch;
      state_.best_loss = loss;
    }
    const bool over = epoch - state_.best_epoch >= *step.patience;
    if (over || state_.epoch == first + step.epochs) {
      state_.layers = std::move(state_.best_layers);
      state_.best_layers.clear();
      state_.epoch = first + step.epochs;
    }
  }

  /// Where they are due after this epoch.
  void refit_formats(const PhaseConfig& phase) {
    for (TrainedLayer& layer : state_.layers) {
      const LayerPlan plan = plan_of(phase, layer.name);
      if (plan.quantise && refits_after(*plan.quantise, state_.epoch + 1)) {
        // Components are drawn anew each time.
        at_place(phase.place, [&] { refit(layer, *plan.quantise, config_.seed + state_.epochs_done + 1); });
      }
    }
  }

  void train_batches(const PhaseConfig& phase, double rate) {
    const std::vector<std::uint32_t> order = data_.order(config_.seed, state_.epochs_done);
    while (state_.batch < batches_) {
      check_stop();
      const Evaluation result = learn(order, state_.batch, rate, state_.layers);
      if (!std::isfinite(result.loss_sum)) {
        throw InputDataError(phase.place,
                             fmt::format("the loss is no longer finite in epoch {}, batch {}",
                                         state_.epoch + 1, state_.batch + 1),
                             "a smaller rate");
      }
      state_.running.add(result);
      ++state_.batch;
      report(phase);
    }
  }

  void end_phase() {
    const Evaluation validation = measure(DataPart::validation);
    const Evaluation test = measure(DataPart::test);
    PhaseOutcome& outcome = state_.outcomes.back();
    outcome.validation = validation;
    outcome.test = test;
    for (const TrainedLayer& layer : state_.layers) {
      outcome.layers.push_back({layer.weights.size(), layer.nonzeros(),
                                layer.shared() ? layer.codebook.size() - 1 : std::size_t{0}});
    }
    ++state_.phase;
    state_.stage = Stage::begin;
    state_.epoch = 0;
    hooks_.save(state_);
  }

  Evaluation measure(DataPart part) { return measure(part, state_.layers); }
  Evaluation measure(DataPart part, const std::vector<TrainedLayer>& layers) {
    Evaluation sum;
    const std::size_t images = data_.size(part);
    for (std::size_t first = 0; first < images; first += evaluation_batch) {
      check_stop();
      const std::size_t count = std::min(evaluation_batch, images - first);
      sum.add(differentiator_.evaluate(layers, data_.batch(part, first, count)));
    }
    return sum;
  }
  /// The part's first images, for many networks.
  std::vector<std::unique_ptr<RepeatedEvaluation>> repeated(DataPart part, std::size_t images) {
    std::vector<std::unique_ptr<RepeatedEvaluation>> batches;
    for (std::size_t first = 0; first < images; first += evaluation_batch) {
      const std::size_t count = std::min(evaluation_batch, images - first);
      batches.push_back(differentiator_.repeated(data_.batch(part, first, count)));
    }
    return batches;
  }

  void check_stop() const {
    if (hooks_.stop()) {
      throw Stopped{};
    }
  }

  void report(const PhaseConfig& phase) const {
    std::uint64_t epochs_left = phase.epochs() - state_.epoch;
    for (std::size_t later = state_.phase + 1; later < config_.phases.size(); ++later) {
      epochs_left += config_.phases[later].epochs();
    }
    hooks_.progress({&phase, &state_, batches_, epochs_left * batches_ - state_.batch});
  }

  const TrainingConfig& config_;
  const TrainingData& data_;
  Differentiator& differentiator_;
  TrainingState& state_;
  const TrainingHooks& hooks_;
  std::uint64_t batches_;
  std::vector<LayerGradients> gradients_;
};

}  // namespace

std::unique_ptr<RepeatedEvaluation> Differentiator::repeated(ImageBatch batch) {
  return std::make_unique<PlainEvaluation>(*this, std::move(batch));
}

TrainingState first_state(const TrainingConfig& config, const Network& network) {
  TrainingState state;
  state.layers = trained_layers(network, config.keep_zeros);
  return state;
}

bool train(const TrainingConfig& config, const TrainingData& data, Differentiator& differentiator,
           TrainingState& state, const TrainingHooks& hooks) {
  try {
    Training(config, data, differentiator, state, hooks).run();
  } catch (const Stopped&) {
    hooks.save(state);
    return false;
  }
  return true;
}

}  // namespace lacuna
