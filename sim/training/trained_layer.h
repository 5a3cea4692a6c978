#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/network/network.h"
#include "sim/training/batch_norm.h"
#include "sim/training/quantised_layer.h"
#include "sim/training/recipe.h"
#include "sim/training/trained_gates.h"

namespace lacuna {

/// The weights of one layer while they are trained, in the order of `LayerWeights::values`. Their
/// forms: dense (no mask, no codes), cut (a mask), in surgery (a mask that changes), shared (codes into a
/// codebook; those that were cut have code 0), quantised (a number format; those that were cut stay 0).
struct TrainedLayer {
  std::string name;
  std::size_t position = 0;              ///< in Network::layers
  std::vector<std::uint32_t> shape;      ///< [outputs, inputs] or [outputs, inputs, height, width]
  std::vector<float> weights;            ///< what the network computes with, whatever the form
  std::vector<float> bias;               ///< one for each output, or none
  std::vector<std::uint8_t> mask;        ///< 1 for each weight that is left; empty while nothing was cut
  std::vector<std::uint8_t> codes;       ///< weights[i] = codebook[codes[i]]; empty while nothing is shared
  std::vector<std::uint8_t> bias_codes;  ///< likewise, where the biases share the values too
  std::vector<float> codebook;           ///< element 0 is 0 and stays it

  /// While surgery lasts: all weights, those that are cut too; weights[i] = mask[i] * uncut[i]. Else empty.
  std::vector<float> uncut;
  double surgery_threshold = 0.0;

  /// Of the layer's outputs, behind its activation; empty where they are not rounded.
  std::optional<NumberFormat> activations;
  double activation_lasso = 0.0;  ///< of this phase; nothing for layers without a rectifier
  /// Normalises products, where the network does not say so itself: of networks that a search makes, none of
  /// whose weights are shared or quantised.
  std::optional<TrainedNorm> norm;
  bool takes_gates = false;
  std::optional<TrainedGates> gates;
  /// While weights are quantised: how, the numbers that learn, and 1 for those whose weights are final.
  std::optional<TrainedFormat> format;
  std::vector<float> reals;
  std::vector<std::uint8_t> settled;

  // Momentum, one for each number that is trained.
  std::vector<float> weight_velocity;
  std::vector<float> bias_velocity;
  std::vector<float> codebook_velocity;

  bool shared() const { return !codes.empty(); }
  std::uint64_t nonzeros() const;
};

/// Gradients of the loss with respect to a layer's weights and biases, in their order.
struct LayerGradients {
  std::vector<float> weights;
  std::vector<float> bias;
  GateGradients gates{};  ///< empty where the layer has none
  NormStatistics norm{};  ///< of layers with gates or a norm
};

/// Stochastic gradient descent with momentum: v = momentum * v + g, w = w - rate * v.
struct DescentSettings {
  double rate = 0.01;
  double momentum = 0.9;
  double weight_decay = 0.0;  ///< g = gradient + weight_decay * w, biases excepted
};

/// The layers of a network that have weights, with those. `keep_zeros`: zeros count as cut. Weights must be
/// loaded.
std::vector<TrainedLayer> trained_layers(const Network& network, bool keep_zeros);

/// The same with a new norm behind every convolution, whose biases are needed for it. For networks whose
/// weights are not trained yet.
std::vector<TrainedLayer> normalised_layers(const Network& network);

/// The network with these weights, normalisation in them.
Network with_weights(const Network& network, const std::vector<TrainedLayer>& layers);

/// All velocities 0: what was learned before a phase does not push into it.
void reset_velocities(TrainedLayer& layer);

/// Drops the mask; weights that were cut stay 0 until they learn.
void make_dense(TrainedLayer& layer);

std::vector<std::string> names_of(const std::vector<TrainedLayer>& layers);

/// Cuts weights as `lacuna compress` does (prune.h) and masks value, gradient and momentum from now on.
/// Weights that were cut before stay so. Throws ConfigurationError and InputDataError, naming the layer.
void cut(TrainedLayer& layer, const PruneConfig& config);

/// Begins surgery: takes the threshold, and cuts what lies below 0.9 of it. What was cut before is cut still,
/// but can come back.
void begin_surgery(TrainedLayer& layer, const SurgeryConfig& config);

/// What is cut now stays so. Nothing where there is no surgery.
void end_surgery(TrainedLayer& layer);

/// Shares the weights that are left by k-means as `lacuna compress` does (kmeans.h), and freezes the
/// assignment. `seed` is that of random initialisation. Throws InputDataError, naming the layer.
void share(TrainedLayer& layer, const ShareConfig& config, std::uint64_t seed);

/// Gives the layer gates of so many winners, or changes those it has. A layer without biases gets some, 0.1
/// each, as the authors have it. Nothing for layers that take none. Throws ConfigurationError, naming the
/// layer, for shared weights, which the normalisation would pull apart.
void begin_gates(TrainedLayer& layer, const GateConfig& config, std::uint64_t seed);

/// Gradient of each element of the codebook: the sum over the weights (and biases) that have its code (Han et
/// al., Deep Compression, ICLR 2016, section 3.3), decay of these weights included; element 0 has none.
std::vector<double> codebook_gradient(const TrainedLayer& layer, const LayerGradients& gradients,
                                      double weight_decay);

/// One step of descent. Cut weights, their gradients and their momentum are 0 before and after; in surgery
/// all weights learn by the gradients of the cut network, and the mask follows.
void descend(TrainedLayer& layer, const LayerGradients& gradients, const DescentSettings& settings);

}  // namespace lacuna
