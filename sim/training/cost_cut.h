#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/cost/cost_model.h"
#include "sim/network/network.h"
#include "sim/training/recipe.h"
#include "sim/training/trained_layer.h"

namespace lacuna {

/// Images that the cuts and the cost of a recipe look at.
std::size_t images_to_cut(const TrainingConfig& config);

/// What of a layer went together.
enum class CutForm : std::uint32_t {
  elements,  ///< single weights
  columns,   ///< all weights of an input: of a place in the window
  rows,      ///< all weights of an output
  balanced   ///< single weights of those PEs that have the most
};

/// Name in files: "elements", ...
const char* cut_form_name(CutForm form);

/// Mean loss of the network with these layers over the images of a cut.
using LossOfLayers = std::function<double(const std::vector<TrainedLayer>&)>;

/// One step of a cut by cost.
struct CostCut {
  std::uint32_t layer = 0;  ///< among the trained layers
  CutForm form = CutForm::elements;
  std::uint64_t weights = 0;  ///< other than zero, that went
  double saliency = 0.0;
  double loss = 0.0;         ///< behind the step; 0 where loss is no limit
  double cost_before = 0.0;  ///< in the measure's unit
  double cost_after = 0.0;
};

/// Cuts weights where it makes a network cheaper (our own; the saliency is the magnitude of a weight times
/// that of its input, as Sun et al., "A Simple and Effective Pruning Approach for LLMs", 2023, have it,
/// squared and as shares).
///
/// The saliency of a weight is the energy that it gives to its layer's outputs, w^2 * E[x^2] over the images,
/// as a share of that of all the layer's weights; that of several weights is the sum. It orders the
/// weights within a layer and form (CutForm), divided by how often the input is not zero where the cost looks
/// at values: multiply-accumulates and broadcasts are saved that often. A line's place is by the sum. A cut
/// may do so much damage, in so many steps, each of about as much: the step takes the least salient weights
/// of one layer in one form, of all layers and forms the one that saves most cost, by measuring each. So
/// whatever the cost, a cut does about as much damage, and what differs is what it saves.
///
/// Damage is the rise of the loss over the images, before anything learns again. Summed saliency is the other
/// measure; it is cheap, and wrong between layers and forms: of one sum, columns of correlated inputs do more
/// damage than single weights, and one layer more than another (docs/codesign.md).
class CostCutter {
 public:
  /// Keeps references. `images`: the first so many training images, `images_to_cut` of them, or all.
  CostCutter(const TrainingConfig& config, const Network& network, const CostModel& model,
             std::vector<Tensor> images);

  /// Cuts. Of equal savings the first layer and form counts; where nothing saves, the most weights. A layer
  /// always keeps a row and a column. `check` is called often, and may throw to stop. `loss`, that of the
  /// network with such layers, is needed where loss is the limit; how much may go is found by bisection, as
  /// if the loss rose with each weight that goes.
  std::vector<CostCut> cut(const CostCutConfig& config, std::vector<TrainedLayer>& layers,
                           const std::function<void()>& check, const LossOfLayers& loss = nullptr) const;

  /// Cost of the network with these weights, as its result will be.
  double cost(const std::vector<TrainedLayer>& layers) const;

 private:
  const TrainingConfig& config_;
  const Network& network_;
  const CostModel& model_;
  std::vector<Tensor> images_;
  std::vector<Tensor> calibration_;
};

/// Saliency of each weight of each layer, in its order: the shares sum to 1 in each layer, or are 0.
std::vector<std::vector<double>> saliencies(const Network& network, const std::vector<TrainedLayer>& layers,
                                            const std::vector<Tensor>& images);

}  // namespace lacuna
