#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/training/recipe.h"
#include "sim/training/trained_layer.h"
#include "sim/training/training_data.h"
#include "sim/training/training_state.h"

namespace lacuna {

/// A batch that is evaluated again and again, each time with other weights.
class RepeatedEvaluation {
 public:
  virtual ~RepeatedEvaluation() = default;

  /// What Differentiator::evaluate gives, to the bit.
  virtual Evaluation evaluate(const std::vector<TrainedLayer>& layers) = 0;
};

/// Computes a network and its derivatives for given weights; what weights are (dense, cut, shared) and how
/// they learn is not its concern.
class Differentiator {
 public:
  virtual ~Differentiator() = default;

  /// Loss and classes of a batch. The loss is the cross-entropy of the softmax of the network's outputs.
  virtual Evaluation evaluate(const std::vector<TrainedLayer>& layers, const ImageBatch& batch) = 0;

  /// The same, and the gradients of the mean loss over the batch and of what gates add to it, one element
  /// for each layer. Normalisation is by the batch here, and by what is known in `evaluate`.
  virtual Evaluation differentiate(const std::vector<TrainedLayer>& layers, const ImageBatch& batch,
                                   std::vector<LayerGradients>& gradients) = 0;

  /// Evaluates a batch often; whoever can keeps what does not change. Refers to this differentiator.
  virtual std::unique_ptr<RepeatedEvaluation> repeated(ImageBatch batch);
};

/// Where training stands, for whoever waits.
struct TrainingProgress {
  const PhaseConfig* phase = nullptr;
  const TrainingState* state = nullptr;
  std::uint64_t batches_in_epoch = 0;
  std::uint64_t batches_left = 0;  ///< of all phases
};

struct TrainingHooks {
  std::function<void(const TrainingProgress&)> progress;  ///< after each batch
  std::function<bool()> stop;                             ///< asked often; true: stop as soon as possible
  /// Keep this state: after each epoch and phase, and when training stops.
  std::function<void(const TrainingState&)> save;
  /// Cuts as a phase's cut_by_cost says; needed where one has it. Calls the functions given it, which may
  /// throw: often the first; the second for the mean loss over the images of the cut.
  std::function<std::vector<CostCut>(const CostCutConfig&, std::vector<TrainedLayer>&,
                                     const std::function<void()>&, const LossOfLayers&)>
      cut_by_cost = nullptr;
  /// The recipe's cost of the network with these layers, nothing where its machine has no room; needed where
  /// a phase has a search.
  std::function<std::optional<double>(const std::vector<TrainedLayer>&)> cost = nullptr;
  /// Gives the layers' outputs formats; needed where a phase has activations.
  std::function<void(const ActivationConfig&, std::vector<TrainedLayer>&)> fit_activations = nullptr;
};

/// What training starts from.
TrainingState first_state(const TrainingConfig& config, const Network& network);

/// Trains from `state` to the end of the recipe. False when `stop` has asked for an end; from the state that
/// was saved then, training comes to the same bytes as without the stop. Throws InputDataError when weights
/// are no longer finite.
bool train(const TrainingConfig& config, const TrainingData& data, Differentiator& differentiator,
           TrainingState& state, const TrainingHooks& hooks);

}  // namespace lacuna
