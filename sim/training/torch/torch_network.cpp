#include "sim/training/torch/torch_network.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>

#include "models/common/same_bits.h"
#include "sim/training/torch/torch_graph.h"
#include "sim/training/torch/torch_process.h"

namespace lacuna {

TorchNetwork::TorchNetwork(const Network& network, std::uint32_t threads, TorchPrecision precision)
    : graph_(std::make_unique<TorchGraph>(network,
                                          precision == TorchPrecision::float64 ? at::kDouble : at::kFloat)) {
  set_torch_threads(threads);
}

TorchNetwork::~TorchNetwork() = default;

Evaluation TorchNetwork::evaluate(const std::vector<TrainedLayer>& layers, const ImageBatch& batch) {
  const at::NoGradGuard no_gradients;
  const at::Tensor logits = graph_->forward(graph_->leaves(layers, false), batch, false).logits;
  return evaluation(logits, batch, mean_loss(logits, batch));
}

/// Keeps the outputs of all layers.
class TorchNetwork::Repeated : public RepeatedEvaluation {
 public:
  Repeated(const TorchGraph& graph, ImageBatch batch) : graph_(graph), batch_(std::move(batch)) {}

  Evaluation evaluate(const std::vector<TrainedLayer>& layers) override {
    const at::NoGradGuard no_gradients;
    std::vector<at::Tensor> outputs = std::move(outputs_);
    outputs_.clear();  // stays so where what follows throws
    outputs.resize(std::min(outputs.size(), first_changed(layers)));
    TorchGraph::Forward forward =
        graph_.forward(graph_.leaves(layers, false), batch_, false, std::move(outputs));
    outputs_ = std::move(forward.outputs);
    return evaluation(forward.logits, batch_, mean_loss(forward.logits, batch_));
  }

 private:
  struct Numbers {
    std::vector<float> weights;
    std::vector<float> bias;
  };

  /// Position of the first layer that differs from before, which from now on is these layers. Layers that do
  /// more than multiply count as changed.
  std::size_t first_changed(const std::vector<TrainedLayer>& layers) {
    before_.resize(layers.size());
    std::size_t first = layers.size();
    for (std::size_t l = layers.size(); l-- > 0;) {
      const TrainedLayer& layer = layers[l];
      const bool more = layer.norm || layer.gates || layer.activations;
      if (more) {
        before_[l] = {};
        first = l;
      } else if (!same_bits(layer.weights, before_[l].weights) || !same_bits(layer.bias, before_[l].bias)) {
        before_[l] = {layer.weights, layer.bias};
        first = l;
      }
    }
    return first == layers.size() ? std::numeric_limits<std::size_t>::max() : graph_.position_of(first);
  }

  const TorchGraph& graph_;
  const ImageBatch batch_;
  std::vector<Numbers> before_;
  std::vector<at::Tensor> outputs_;
};

std::unique_ptr<RepeatedEvaluation> TorchNetwork::repeated(ImageBatch batch) {
  return std::make_unique<Repeated>(*graph_, std::move(batch));
}

Evaluation TorchNetwork::differentiate(const std::vector<TrainedLayer>& layers, const ImageBatch& batch,
                                       std::vector<LayerGradients>& gradients) {
  const std::vector<TorchGraph::Leaves> leaves = graph_->leaves(layers, true);
  const TorchGraph::Forward forward = graph_->forward(leaves, batch, true);
  const at::Tensor loss = mean_loss(forward.logits, batch);
  at::Tensor objective = forward.penalty.defined() ? loss.add(forward.penalty) : loss;
  if (attention_.teacher) {
    objective = objective.add(graph_->attention_loss(attention_, forward.outputs, batch));
  }
  objective.backward();
  gradients.resize(layers.size());
  for (std::size_t l = 0; l < layers.size(); ++l) {
    store(leaves[l].weights.grad(), gradients[l].weights);
    if (leaves[l].bias.defined()) {
      store(leaves[l].bias.grad(), gradients[l].bias);
    }
    if (leaves[l].gates != nullptr) {
      store(leaves[l].gate_weights.grad(), gradients[l].gates.weights);
      store(leaves[l].gate_bias.grad(), gradients[l].gates.bias);
    }
    if (forward.mean[l].defined()) {
      store(forward.mean[l].detach(), gradients[l].norm.mean);
      store(forward.inverse[l].detach().square().reciprocal().sub(norm_epsilon), gradients[l].norm.variance);
    }
  }
  return evaluation(forward.logits.detach(), batch, loss.detach());
}

namespace {

/// [channels]: of an output whose gradient was retained, with that of the mean loss.
at::Tensor fisher_of_channels(const at::Tensor& output) {
  const at::Tensor sums = output.mul(output.grad()).to(at::kDouble).sum({2, 3});
  return sums.square().sum(0).div(2.0 * static_cast<double>(output.size(0)));
}

}  // namespace

ChannelSaliencies TorchNetwork::channel_fisher(const std::vector<TrainedLayer>& layers,
                                               const ImageBatch& batch,
                                               const std::vector<std::size_t>& probes) {
  const std::vector<TorchGraph::Leaves> leaves = graph_->leaves(layers, true);
  const TorchGraph::Forward forward = graph_->forward_and_back(leaves, batch, probes);
  const at::NoGradGuard no_gradients;
  ChannelSaliencies saliencies;
  for (const std::size_t probe : probes) {
    const at::Tensor channels = fisher_of_channels(forward.outputs[probe]).contiguous();
    saliencies.emplace_back(channels.data_ptr<double>(), channels.data_ptr<double>() + channels.numel());
  }
  return saliencies;
}

NetworkScores TorchNetwork::scores(const std::vector<TrainedLayer>& layers, const ImageBatch& batch,
                                   const std::vector<std::size_t>& probes) {
  const std::vector<TorchGraph::Leaves> leaves = graph_->leaves(layers, true);
  const TorchGraph::Forward forward = graph_->forward_and_back(leaves, batch, probes);
  const at::NoGradGuard no_gradients;
  NetworkScores scores;
  for (const std::size_t probe : probes) {
    scores.fisher += fisher_of_channels(forward.outputs[probe]).sum().item<double>();
  }
  for (const TorchGraph::Leaves& each : leaves) {
    scores.gradient_norm += each.weights.grad().to(at::kDouble).square().sum().item<double>();
  }
  scores.gradient_norm = std::sqrt(scores.gradient_norm);
  scores.naswot = graph_->naswot(forward.outputs);
  return scores;
}

AttentionMaps TorchNetwork::attention(const std::vector<TrainedLayer>& layers, const ImageBatch& batch,
                                      const std::vector<std::size_t>& places) {
  const at::NoGradGuard no_gradients;
  const TorchGraph::Forward forward = graph_->forward(graph_->leaves(layers, false), batch, false);
  AttentionMaps maps;
  for (const std::size_t place : places) {
    store(attention_of(forward.outputs[place]), maps.emplace_back());
  }
  return maps;
}

std::vector<float> TorchNetwork::outputs(const std::vector<TrainedLayer>& layers, const ImageBatch& batch) {
  const at::NoGradGuard no_gradients;
  std::vector<float> values;
  store(graph_->forward(graph_->leaves(layers, false), batch, false).logits, values);
  return values;
}

}  // namespace lacuna
