#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>

#include "sim/network/network.h"
#include "sim/training/network_scores.h"
#include "sim/training/rounded_activations.h"

namespace lacuna {

/// A network as operators of libtorch. Tensors between layers are [images, channels, height, width].
class TorchGraph {
 public:
  /// Keeps a reference to `network`. Throws ConfigurationError, at the layer's place, for kinds that cannot
  /// be trained.
  TorchGraph(const Network& network, at::ScalarType type);

  /// Weights and biases of a layer; leaves of the graph where gradients are wanted.
  struct Leaves {
    at::Tensor weights;
    at::Tensor bias;  ///< undefined where there are none
    double activation_lasso = 0.0;
    const TrainedNorm* norm = nullptr;
    std::optional<ElementParameters> rounding;  ///< of the outputs
    const TrainedGates* gates = nullptr;
    at::Tensor gate_weights;  ///< with gates
    at::Tensor gate_bias;
  };

  /// What comes of a batch.
  struct Forward {
    at::Tensor logits;                ///< [images, outputs], before a softmax at the end
    std::vector<at::Tensor> outputs;  ///< of each layer
    at::Tensor penalty;               ///< added to the loss; undefined without
    std::vector<at::Tensor> mean;     ///< of each trained layer with a norm: of the batch's products
    std::vector<at::Tensor> inverse;  ///< one by the deviation of the same
  };

  std::vector<Leaves> leaves(const std::vector<TrainedLayer>& layers, bool gradients) const;

  /// Position of a trained layer.
  std::size_t position_of(std::size_t trained) const;

  /// `learns`: normalisation by this batch, else by what is known. `outputs`: of the first layers, where
  /// they are known.
  Forward forward(const std::vector<Leaves>& leaves, const ImageBatch& batch, bool learns,
                  std::vector<at::Tensor> outputs = {}) const;

  /// Forward as in learning, and the gradients of the mean loss, kept for the outputs of `probes` too.
  Forward forward_and_back(const std::vector<Leaves>& leaves, const ImageBatch& batch,
                           const std::vector<std::size_t>& probes) const;

  /// Of the outputs of all layers.
  double naswot(const std::vector<at::Tensor>& outputs) const;

  /// What attention transfer adds to the loss.
  at::Tensor attention_loss(const AttentionLoss& transfer, const std::vector<at::Tensor>& outputs,
                            const ImageBatch& batch) const;

 private:
  at::Tensor tensor_of(const std::vector<float>& values, at::IntArrayRef shape) const;
  at::Tensor output(std::size_t position, const std::vector<at::Tensor>& inputs,
                    const std::vector<Leaves>& leaves) const;
  at::Tensor normalised(const at::Tensor& x, const Leaves& leaves, bool learns, at::Tensor& mean,
                        at::Tensor& inverse) const;
  at::Tensor open_saliencies(const at::Tensor& x, const Leaves& leaves) const;

  const Network& network_;
  const at::ScalarType type_;
  std::vector<std::size_t> trained_;  ///< of each layer with weights: its place among them
};

/// Of a batch.
at::Tensor mean_loss(const at::Tensor& logits, const ImageBatch& batch);

/// Sum over the images, and how many are right.
Evaluation evaluation(const at::Tensor& logits, const ImageBatch& batch, const at::Tensor& loss);

/// [images, pixels]: of a layer's outputs.
at::Tensor attention_of(const at::Tensor& output);

/// A tensor as plain numbers, in its order.
void store(const at::Tensor& tensor, std::vector<float>& values);

}  // namespace lacuna
