#include "sim/graph_training/torch/graph_trainer.h"

#include <cmath>
#include <utility>
#include <vector>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/data/random/random_stream.h"
#include "sim/graph_training/torch/graph_model.h"
#include "sim/graph_training/torch/graph_quantisers.h"
#include "sim/network/aggregation.h"

namespace lacuna {
namespace {

/// Epochs between two checkpoints.
constexpr std::uint32_t save_epochs = 10;

/// The graph of a network's aggregations; one without edges where it has none.
const Graph& graph_of(const Network& network) {
  static const Graph none;
  for (const NetworkLayer& layer : network.layers) {
    if (layer.graph != nullptr) {
      return *layer.graph;
    }
  }
  return none;
}

/// One network from first weights to the last epoch.
class GraphTraining {
 public:
  GraphTraining(const GraphTrainingInput& input, GraphTrainingState& state)
      : input_(input),
        state_(state),
        seed_(input.config.seed + state.networks.size()),
        tensors_(input.features, graph_of(input.network)),
        model_(tensors_, input.network, input.numbers, input.config),
        first_(seed_, StreamPurpose::weight_codes, 0),
        dropout_(seed_, StreamPurpose::activation_positions, 0) {
    parameters_.resize(input.network.layers.size());
    bool first_transform = true;
    for (std::size_t i = 1; i < parameters_.size(); ++i) {
      first_transform = !set_parameters(i, first_transform) && first_transform;
    }
    if (!state.learnt.empty()) {
      for (std::size_t i = 0; i < learning_.size(); ++i) {
        learning_[i].restore(state.learnt[i]);
      }
      for (std::uint64_t i = 0; i < state.draws; ++i) {
        dropout_.next();
      }
    }
  }

  /// False when it was stopped; the state is whole then.
  bool train(const GraphHooks& hooks) {
    const NodePart train(input_.train);
    const NodePart validation(input_.validation);
    const NodePart test(input_.test);
    while (state_.epoch < input_.config.epochs) {
      if (hooks.stop && hooks.stop()) {
        save();
        return false;
      }
      epoch(train, validation, test);
      if (hooks.progress) {
        hooks.progress();
      }
      if (hooks.save && state_.epoch % save_epochs == 0) {
        save();
        hooks.save();
      }
    }
    state_.networks.push_back(std::move(state_.best));
    state_.best = {};
    state_.epoch = 0;
    state_.draws = 0;
    state_.learnt.clear();
    return true;
  }

 private:
  void epoch(const NodePart& train, const NodePart& validation, const NodePart& test) {
    const at::Tensor loss = train.loss(model_.forward(parameters_, Dropout(dropout_, state_.draws)));
    loss.backward();
    for (Learning& each : learning_) {
      each.step(input_.config.rate);
    }
    ++state_.epoch;
    const at::NoGradGuard no_gradients;
    std::vector<ElementParameters> roundings;
    const at::Tensor outputs = model_.forward(parameters_, Dropout(), &roundings);
    const Evaluation held_out = validation.evaluation(outputs);
    if (!std::isfinite(held_out.loss_sum)) {
      throw InputDataError({}, fmt::format("the loss of epoch {} is not finite", state_.epoch),
                           "a lower rate");
    }
    GraphEpoch row{seed_, state_.epoch, {}, held_out};
    row.training.images = static_cast<std::uint64_t>(train.nodes.numel());
    row.training.loss_sum = loss.item<double>() * static_cast<double>(row.training.images);
    state_.curve.push_back(row);
    TrainedGraphNetwork& best = state_.best;
    if (state_.epoch == 1 || held_out.correct > best.validation.correct ||
        (held_out.correct == best.validation.correct && held_out.loss_sum < best.validation.loss_sum)) {
      best = {seed_,
              state_.epoch,
              train.evaluation(outputs),
              held_out,
              test.evaluation(outputs),
              layer_values(input_.numbers, parameters_, roundings)};
    }
  }

  void save() {
    state_.learnt.clear();
    for (const Learning& each : learning_) {
      state_.learnt.push_back(each.state());
    }
  }

  /// Whether the layer is a transform.
  bool set_parameters(std::size_t i, bool first_transform) {
    const NetworkLayer& layer = input_.network.layers[i];
    const auto channels = static_cast<std::int64_t>(input_.network.input_of(layer).shape.channels);
    const double decay = input_.config.weight_decay;
    const double others_decay = input_.config.decay_all ? decay : 0.0;
    if (layer.kind == LayerKind::convolution) {
      learn(parameters_[i].weights, drawn_weights(first_, layer.outputs(), channels),
            first_transform ? decay : others_decay);
      if (!layer.weights->bias.empty()) {
        learn(parameters_[i].bias, at::zeros({layer.outputs()}, at::kFloat), others_decay);
      }
      set_ternary(i, layer.outputs());
      return true;
    }
    if (layer.kind == LayerKind::aggregation) {
      const auto rows = static_cast<std::int64_t>(attention_rows(layer.aggregation.attention));
      if (rows > 0) {
        learn(parameters_[i].weights, drawn_weights(first_, rows, channels), others_decay);
        set_ternary(i, rows);
      }
      learn(parameters_[i].bias, at::zeros({channels}, at::kFloat), others_decay);
    }
    return false;
  }

  void set_ternary(std::size_t i, std::int64_t rows) {
    if (input_.numbers[i].weight_bits == ternary_bits) {
      learn(parameters_[i].threshold, at::full({rows, 1}, first_ternary_threshold, at::kFloat), 0.0);
      learn(parameters_[i].scale, at::ones({rows, 1}, at::kFloat), 0.0);
    }
  }

  void learn(at::Tensor& parameter, const at::Tensor& values, double decay) {
    learning_.emplace_back(values, decay);
    parameter = learning_.back().values;
  }

  const GraphTrainingInput& input_;
  GraphTrainingState& state_;
  std::uint64_t seed_;
  GraphTensors tensors_;
  GraphModel model_;
  RandomStream first_;
  RandomStream dropout_;
  std::vector<LayerParameters> parameters_;
  std::vector<Learning> learning_;
};

}  // namespace

bool train_graph_networks(const GraphTrainingInput& input, GraphTrainingState& state,
                          const GraphHooks& hooks) {
  while (!state.finished(input.config)) {
    if (!GraphTraining(input, state).train(hooks)) {
      return false;
    }
    if (hooks.save) {
      hooks.save();
    }
  }
  return true;
}

std::vector<float> torch_outputs(const GraphTrainingInput& input, const Network& network) {
  std::vector<LayerParameters> parameters(network.layers.size());
  for (std::size_t i = 1; i < parameters.size(); ++i) {
    const NetworkLayer& layer = network.layers[i];
    const auto channels = static_cast<std::int64_t>(network.input_of(layer).shape.channels);
    if (layer.weights == nullptr) {
      continue;
    }
    if (!layer.weights->values.empty()) {
      parameters[i].weights =
          tensor_of(layer.weights->values,
                    {static_cast<std::int64_t>(layer.weights->values.size()) / channels, channels});
    }
    if (!layer.weights->bias.empty()) {
      parameters[i].bias =
          tensor_of(layer.weights->bias, {static_cast<std::int64_t>(layer.weights->bias.size())});
    } else if (layer.kind == LayerKind::aggregation) {
      parameters[i].bias = at::zeros({channels}, at::kFloat);
    }
  }
  const at::NoGradGuard no_gradients;
  const GraphTensors tensors(input.features, graph_of(network));
  const std::vector<GraphLayerNumbers> as_they_are(network.layers.size());
  return values_of(GraphModel(tensors, network, as_they_are, input.config).forward(parameters, Dropout()));
}

}  // namespace lacuna
