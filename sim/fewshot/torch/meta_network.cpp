#include "sim/fewshot/torch/meta_network.h"

#include <array>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/nll_loss.h>
#include <ATen/ops/relu.h>
#include <torch/csrc/autograd/autograd.h>

#include "models/common/error.h"

namespace lacuna {
namespace {

/// Added to variances.
constexpr double epsilon = 1e-5;

std::vector<float> numbers_of(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.detach().to(at::kFloat).contiguous();
  const float* const first = plain.data_ptr<float>();
  return {first, first + plain.numel()};
}

void add_numbers(const at::Tensor& tensor, double* sums) {
  const at::Tensor plain = tensor.detach().to(at::kDouble).contiguous();
  const double* const first = plain.data_ptr<double>();
  for (std::int64_t i = 0; i < plain.numel(); ++i) {
    sums[i] += first[i];
  }
}

/// Means and variances of each convolution's outputs, over images and pixels: [channels] each.
struct Moments {
  std::vector<at::Tensor> mean;
  std::vector<at::Tensor> variance;
};

}  // namespace

class MetaNetwork::Graph {
 public:
  Graph(const FewShotConfig& config, const MetaLayout& layout, MetaPrecision precision)
      : config_(config),
        layout_(layout),
        type_(precision == MetaPrecision::float64 ? at::kDouble : at::kFloat) {
    for (std::size_t l = 0; l < config.convolutions.size(); ++l) {
      whole_.push_back({l, config.convolutions[l]});
    }
  }

  /// A convolution of the network that learns a task: which layer of the layout, and how much of it.
  struct UsedLayer {
    std::size_t layer;
    ConvolutionConfig shape;
  };

  /// What a task leads to.
  struct Outcome {
    std::vector<UsedLayer> layers;
    std::vector<at::Tensor> arrays;  ///< after the last step
    Moments final;                   ///< that normalised the query images then
    std::vector<Moments> support;    ///< after 0, 1, ... steps; of the last set, maybe none
    at::Tensor logits;               ///< of the query images
    at::Tensor loss;                 ///< by the plan's weights
  };

  /// All arrays, as leaves where gradients are wanted.
  std::vector<at::Tensor> leaves(const MetaValues& values, bool gradients) const {
    std::vector<at::Tensor> all;
    for (const MetaArray& array : layout_.arrays()) {
      all.push_back(tensor_of(values.parameters.data() + array.offset, array.shape).clone());
      all.back().requires_grad_(gradients && array.learns);
    }
    return all;
  }

  /// Inner steps and query losses. `training`: the outer loop differentiates through them.
  Outcome run(const std::vector<at::Tensor>& leaves, const MetaValues& values, const Task& task,
              const MetaPlan& plan, bool training) const {
    const at::Tensor support = images_of(task.support);
    const at::Tensor query = images_of(task.query);
    Outcome outcome;
    outcome.arrays = leaves;
    outcome.layers = layers_of(task);
    const std::vector<Adapted> adapted = adapted_arrays(outcome.layers);
    for (std::size_t step = 0; step < config_.steps; ++step) {
      if (!training) {
        detach(adapted, outcome.arrays, true);
      }
      const Pass pass{outcome.arrays, outcome.layers, values, step};
      Moments own;
      const at::Tensor loss = loss_of(forward(pass, support, nullptr, own), task.support);
      if (step > 0 && plan.step_weights[step - 1] > 0.0) {
        add_loss(pass, query, task.query, own, plan.step_weights[step - 1], outcome);
      }
      outcome.support.push_back(own);
      descend(adapted, outcome.arrays, loss, step, training, training && plan.second_order);
    }
    if (!training) {
      detach(adapted, outcome.arrays, false);
    }
    const Pass pass{outcome.arrays, outcome.layers, values, config_.steps};
    Moments own;
    if (config_.moments != MomentSource::query) {
      forward(pass, support, nullptr, own);
      outcome.support.push_back(own);
    }
    add_loss(pass, query, task.query, own, plan.step_weights.back(), outcome);
    return outcome;
  }

  Evaluation evaluation(const Outcome& outcome, const Task& task) const {
    Evaluation result;
    result.images = task.query.size();
    result.loss_sum = outcome.loss.item<double>() * static_cast<double>(result.images);
    result.correct = static_cast<std::uint64_t>(
        outcome.logits.argmax(1).eq(labels_of(task.query)).sum().item<std::int64_t>());
    return result;
  }

  /// The last step's moments in the kernels; the blend in the moments.
  AdaptedWeights folded(const Outcome& outcome) const {
    AdaptedWeights result;
    result.pool = config_.supernet;
    const MetaValues none;
    const Pass pass{outcome.arrays, outcome.layers, none, config_.steps};
    for (std::size_t l = 0; l < outcome.layers.size(); ++l) {
      const at::Tensor factor = row(pass, l, MetaArrayKind::scale)
                                    .to(at::kDouble)
                                    .mul(outcome.final.variance[l].to(at::kDouble).add(epsilon).rsqrt());
      const at::Tensor offset = row(pass, l, MetaArrayKind::offset).to(at::kDouble);
      result.layers.push_back(outcome.layers[l].shape);
      result.kernels.push_back(
          numbers_of(kernel(pass, l).to(at::kDouble).mul(factor.reshape({-1, 1, 1, 1}))));
      result.biases.push_back(numbers_of(offset.sub(outcome.final.mean[l].to(at::kDouble).mul(factor))));
    }
    result.head = numbers_of(head(pass));
    result.head_bias = numbers_of(outcome.arrays[layout_.find(MetaArrayKind::head_bias)]);
    return result;
  }

  void add_gradient(const std::vector<at::Tensor>& leaves, const Outcome& outcome,
                    MetaGradient& gradient) const {
    for (std::size_t a = 0; a < leaves.size(); ++a) {
      if (leaves[a].grad().defined()) {
        add_numbers(leaves[a].grad(), gradient.parameters.data() + layout_.arrays()[a].offset);
      }
    }
    add_moments(outcome, gradient.moments);
  }

  MetaPlan last_step_alone() const {
    MetaPlan plan;
    plan.second_order = false;
    plan.step_weights.assign(config_.steps, 0.0);
    plan.step_weights.back() = 1.0;
    return plan;
  }

 private:
  /// An array that the inner steps change, and its rates.
  struct Adapted {
    std::size_t array;
    std::size_t rate;
  };

  /// One way through the network: its arrays after `step` inner steps.
  struct Pass {
    const std::vector<at::Tensor>& arrays;
    const std::vector<UsedLayer>& layers;
    const MetaValues& values;
    std::size_t step;
  };

  at::Tensor tensor_of(const float* first, at::IntArrayRef shape) const {
    return at::from_blob(const_cast<float*>(first), shape, at::kFloat).to(type_);
  }
  static at::Tensor labels_of(const ImageBatch& batch) {
    return at::from_blob(const_cast<std::int64_t*>(batch.labels.data()),
                         {static_cast<std::int64_t>(batch.size())}, at::kLong);
  }
  at::Tensor images_of(const ImageBatch& batch) const {
    const TensorShape& shape = layout_.image();
    return tensor_of(batch.values.data(),
                     {static_cast<std::int64_t>(batch.size()), shape.channels, shape.height, shape.width});
  }
  static at::Tensor loss_of(const at::Tensor& logits, const ImageBatch& batch) {
    return at::nll_loss(at::log_softmax(logits, 1), labels_of(batch));
  }

  std::size_t moment_set(std::size_t step) const { return config_.moments_per_step ? step : 0; }

  /// Adds a step's query loss; the logits and moments left are those of the last call.
  void add_loss(const Pass& pass, const at::Tensor& query, const ImageBatch& labels, const Moments& support,
                double weight, Outcome& outcome) const {
    const bool own = config_.moments == MomentSource::query;
    outcome.final = {};
    outcome.logits = forward(pass, query, own ? nullptr : &support, outcome.final);
    const at::Tensor loss = loss_of(outcome.logits, labels).mul(weight);
    outcome.loss = outcome.loss.defined() ? outcome.loss.add(loss) : loss;
  }

  /// Logits. Normalises by `given`, moments of other images through the same kernels, or where that is null
  /// by the images' own. `used` gets the moments: those of the images where these are measured, else what
  /// normalised them.
  at::Tensor forward(const Pass& pass, const at::Tensor& images, const Moments* given, Moments& used) const {
    at::Tensor x = images;
    for (std::size_t l = 0; l < pass.layers.size(); ++l) {
      const ConvolutionConfig& layer = pass.layers[l].shape;
      const std::array<std::int64_t, 2> stride = {layer.stride, layer.stride};
      const std::array<std::int64_t, 2> padding = {layer.kernel / 2, layer.kernel / 2};
      x = at::conv2d(x, kernel(pass, l), {}, stride, padding);
      x = at::relu(normalised(pass, l, x, given, used));
    }
    x = config_.supernet ? x.mean({2, 3}) : x.reshape({x.size(0), -1});
    return at::linear(x, head(pass), pass.arrays[layout_.find(MetaArrayKind::head_bias)]);
  }

  std::vector<UsedLayer> layers_of(const Task& task) const {
    if (!config_.supernet) {
      return whole_;
    }
    const std::vector<ConvolutionConfig> shapes = task.network.layers();
    const std::vector<std::size_t> positions = task.network.positions();
    std::vector<UsedLayer> layers;
    for (std::size_t l = 0; l < shapes.size(); ++l) {
      layers.push_back({positions[l], shapes[l]});
    }
    return layers;
  }

  std::vector<Adapted> adapted_arrays(const std::vector<UsedLayer>& layers) const {
    std::vector<Adapted> adapted;
    if (config_.adapts == AdaptedPart::all) {
      for (const UsedLayer& each : layers) {
        adapted.push_back({layout_.find(MetaArrayKind::kernel, each.layer),
                           layout_.find(MetaArrayKind::kernel_rate, each.layer)});
      }
    }
    adapted.push_back({layout_.find(MetaArrayKind::head), layout_.find(MetaArrayKind::head_rate)});
    adapted.push_back({layout_.find(MetaArrayKind::head_bias), layout_.find(MetaArrayKind::head_bias_rate)});
    return adapted;
  }

  /// A layer's kernel: of a supernet the first channels, and the middle of the largest kernel.
  at::Tensor kernel(const Pass& pass, std::size_t l) const {
    const at::Tensor& whole = pass.arrays[layout_.find(MetaArrayKind::kernel, pass.layers[l].layer)];
    if (!config_.supernet) {
      return whole;
    }
    const std::int64_t side = pass.layers[l].shape.kernel;
    const std::int64_t inputs = l == 0 ? whole.size(1) : pass.layers[l - 1].shape.channels;
    const std::int64_t first = (whole.size(2) - side) / 2;
    return whole.narrow(0, 0, pass.layers[l].shape.channels)
        .narrow(1, 0, inputs)
        .narrow(2, first, side)
        .narrow(3, first, side);
  }

  at::Tensor head(const Pass& pass) const {
    const at::Tensor& whole = pass.arrays[layout_.find(MetaArrayKind::head)];
    return config_.supernet ? whole.narrow(1, 0, pass.layers.back().shape.channels) : whole;
  }

  /// Scale or offset of a layer's channels, or its blend.
  at::Tensor row(const Pass& pass, std::size_t l, MetaArrayKind kind) const {
    const at::Tensor set = pass.arrays[layout_.find(kind, pass.layers[l].layer)].select(
        0, static_cast<std::int64_t>(moment_set(pass.step)));
    return config_.supernet ? set.narrow(0, 0, pass.layers[l].shape.channels) : set;
  }

  at::Tensor normalised(const Pass& pass, std::size_t l, const at::Tensor& x, const Moments* given,
                        Moments& used) const {
    at::Tensor mean;
    at::Tensor variance;
    if (given != nullptr) {
      mean = given->mean[l];
      variance = given->variance[l];
    } else {
      mean = x.mean({0, 2, 3});
      variance = x.sub(mean.reshape({1, -1, 1, 1})).square().mean({0, 2, 3});
      used.mean.push_back(mean);
      used.variance.push_back(variance);
    }
    if (config_.moments == MomentSource::blended) {
      const std::int64_t channels = mean.size(0);
      const float* const running = pass.values.moments.data() + layout_.moments_at(l, moment_set(pass.step));
      const at::Tensor share = row(pass, l, MetaArrayKind::blend).sigmoid();
      const at::Tensor rest = share.neg().add(1.0);
      mean = mean.mul(share).add(tensor_of(running, {channels}).mul(rest));
      variance = variance.mul(share).add(tensor_of(running + channels, {channels}).mul(rest));
    }
    if (given != nullptr) {
      used.mean.push_back(mean);
      used.variance.push_back(variance);
    }
    const at::Tensor factor = row(pass, l, MetaArrayKind::scale).mul(variance.add(epsilon).rsqrt());
    const at::Tensor offset = row(pass, l, MetaArrayKind::offset).sub(mean.mul(factor));
    return x.mul(factor.reshape({1, -1, 1, 1})).add(offset.reshape({1, -1, 1, 1}));
  }

  /// One inner step.
  void descend(const std::vector<Adapted>& adapted, std::vector<at::Tensor>& arrays, const at::Tensor& loss,
               std::size_t step, bool keep_graph, bool second_order) const {
    std::vector<at::Tensor> targets;
    targets.reserve(adapted.size());
    for (const Adapted& each : adapted) {
      targets.push_back(arrays[each.array]);
    }
    const std::vector<at::Tensor> gradients =
        torch::autograd::grad({loss}, targets, {}, keep_graph, second_order);
    for (std::size_t i = 0; i < adapted.size(); ++i) {
      const at::Tensor rate = arrays[adapted[i].rate].select(0, static_cast<std::int64_t>(step));
      arrays[adapted[i].array] = targets[i].sub(gradients[i].mul(rate));
    }
  }

  /// Where nothing is differentiated through the steps, each step begins with new leaves.
  static void detach(const std::vector<Adapted>& adapted, std::vector<at::Tensor>& arrays, bool gradients) {
    for (const Adapted& each : adapted) {
      arrays[each.array] = arrays[each.array].detach();
      arrays[each.array].requires_grad_(gradients);
    }
  }

  /// Moments of the support images, for the running ones: of each step, or their mean over the steps.
  void add_moments(const Outcome& outcome, std::vector<double>& sums) const {
    if (config_.moments != MomentSource::blended) {
      return;
    }
    const double share = config_.moments_per_step ? 1.0 : 1.0 / static_cast<double>(outcome.support.size());
    for (std::size_t step = 0; step < outcome.support.size(); ++step) {
      for (std::size_t l = 0; l < config_.convolutions.size(); ++l) {
        double* const first = sums.data() + layout_.moments_at(l, moment_set(step));
        add_numbers(outcome.support[step].mean[l].mul(share), first);
        add_numbers(outcome.support[step].variance[l].mul(share), first + config_.convolutions[l].channels);
      }
    }
  }

  const FewShotConfig& config_;
  const MetaLayout& layout_;
  const at::ScalarType type_;
  std::vector<UsedLayer> whole_;  ///< all convolutions of a network that is no supernet
};

MetaNetwork::MetaNetwork(const FewShotConfig& config, const MetaLayout& layout, MetaPrecision precision)
    : graph_(std::make_unique<Graph>(config, layout, precision)) {}

MetaNetwork::~MetaNetwork() = default;

Evaluation MetaNetwork::differentiate(const MetaValues& values, const Task& task, const MetaPlan& plan,
                                      MetaGradient& gradient) {
  const std::vector<at::Tensor> leaves = graph_->leaves(values, true);
  const Graph::Outcome outcome = graph_->run(leaves, values, task, plan, true);
  outcome.loss.backward();
  graph_->add_gradient(leaves, outcome, gradient);
  return graph_->evaluation(outcome, task);
}

Evaluation MetaNetwork::evaluate(const MetaValues& values, const Task& task) {
  const std::vector<at::Tensor> leaves = graph_->leaves(values, false);
  return graph_->evaluation(graph_->run(leaves, values, task, graph_->last_step_alone(), false), task);
}

AdaptedWeights MetaNetwork::adapt(const MetaValues& values, const Task& task) {
  const std::vector<at::Tensor> leaves = graph_->leaves(values, false);
  return graph_->folded(graph_->run(leaves, values, task, graph_->last_step_alone(), false));
}

}  // namespace lacuna
