#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include "sim/data/random/random_stream.h"
#include "sim/graph_training/graph_recipe.h"
#include "sim/graph_training/graph_state.h"
#include "sim/network/network.h"

namespace lacuna {

/// Leaves numbers out of a step; nothing where it does not learn.
class Dropout {
 public:
  Dropout() = default;
  /// `draws` counts the random numbers that are taken.
  Dropout(RandomStream& stream, std::uint64_t& draws) : stream_(&stream), draws_(&draws) {}

  at::Tensor applied(const at::Tensor& x, double share) const;

 private:
  RandomStream* stream_ = nullptr;
  std::uint64_t* draws_ = nullptr;
};

/// The numbers of a layer that learn, and what a search multiplies its output with.
struct LayerParameters {
  at::Tensor weights;  ///< transforms [outputs, inputs], attention [rows, channels]; undefined without
  at::Tensor bias;
  at::Tensor threshold;  ///< of ternary weights [rows, 1]; undefined without
  at::Tensor scale;
  at::Tensor factor;  ///< of one element; undefined: 1
};

/// The weights as the numbers of their bits.
at::Tensor held_weights(const LayerParameters& parameters, const GraphLayerNumbers& numbers);

/// A graph and the features of its nodes as tensors; made once for all networks over them.
class GraphTensors {
 public:
  GraphTensors(const Tensor& features, const Graph& graph);

  /// Coefficients that no feature decides, [entries, 1]; made when first asked for.
  const at::Tensor& fixed_coefficients(const NetworkLayer& layer) const;

  at::Tensor dense;  ///< features [nodes, words]
  at::Tensor nodes;  ///< of the features that are not 0: where they are, and what
  at::Tensor words;
  at::Tensor values;  ///< [nonzeros, 1]
  std::vector<std::uint64_t> starts;
  at::Tensor entry_node;
  at::Tensor entry_neighbour;
  at::Tensor entry_degree;

 private:
  mutable std::map<std::pair<AttentionKind, Reduction>, at::Tensor> coefficients_;
};

/// A network as operators of libtorch; tensors between layers are [nodes, channels]. Keeps references.
class GraphModel {
 public:
  GraphModel(const GraphTensors& tensors, const Network& network,
             const std::vector<GraphLayerNumbers>& numbers, const GraphTrainingConfig& config)
      : graph_(tensors), network_(network), numbers_(numbers), config_(config) {}

  /// The output before a softmax at the end. `roundings`, if given, gets the format of each rounding layer
  /// that follows its input's range.
  at::Tensor forward(const std::vector<LayerParameters>& parameters, const Dropout& dropout,
                     std::vector<ElementParameters>* roundings = nullptr) const;

 private:
  struct Value;

  Value output(std::size_t position, const std::vector<Value>& outputs,
               const std::vector<LayerParameters>& parameters, const Dropout& dropout,
               std::vector<ElementParameters>* roundings) const;
  ElementParameters rounding(std::size_t position, const at::Tensor& x,
                             std::vector<ElementParameters>* roundings) const;
  at::Tensor transformed(std::size_t position, const Value& x, const LayerParameters& parameters,
                         const Dropout& dropout) const;
  at::Tensor aggregated(std::size_t position, const at::Tensor& x, const LayerParameters& parameters,
                        const Dropout& dropout) const;
  at::Tensor largest(const at::Tensor& taken) const;
  at::Tensor scores(const NetworkLayer& layer, const at::Tensor& x, const at::Tensor& weights,
                    std::int64_t heads) const;
  at::Tensor softmax(const at::Tensor& scores, std::int64_t heads) const;

  const GraphTensors& graph_;
  const Network& network_;
  const std::vector<GraphLayerNumbers>& numbers_;
  const GraphTrainingConfig& config_;
};

/// What layers hold once they have learnt. `roundings`: of the forward pass that they are judged by.
std::vector<GraphLayerValues> layer_values(const std::vector<GraphLayerNumbers>& numbers,
                                           const std::vector<LayerParameters>& parameters,
                                           const std::vector<ElementParameters>& roundings);

/// A part of the nodes with their classes.
struct NodePart {
  explicit NodePart(const std::vector<NodeLabel>& labels);

  /// Mean cross-entropy in nats.
  at::Tensor loss(const at::Tensor& outputs) const;
  Evaluation evaluation(const at::Tensor& outputs) const;

  at::Tensor nodes;
  at::Tensor classes;
};

/// One list of numbers that learns, with the moments of Adam (Kingma and Ba, ICLR 2015).
struct Learning {
  at::Tensor values;
  double decay = 0.0;  ///< L2
  at::Tensor mean;
  at::Tensor square;
  std::uint64_t updates = 0;

  Learning(const at::Tensor& first, double l2);

  /// A step, and the gradient is gone; nothing where there is none.
  void step(double rate);
  void forget_gradient() { values.mutable_grad() = at::Tensor(); }
  LearntNumbers state() const;
  void restore(const LearntNumbers& state);
};

/// Numbers drawn evenly within sqrt(6 / (rows + columns)) (Glorot and Bengio 2010).
at::Tensor drawn_weights(RandomStream& stream, std::int64_t rows, std::int64_t columns);

}  // namespace lacuna
