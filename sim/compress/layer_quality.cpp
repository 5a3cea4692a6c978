#include "sim/compress/layer_quality.h"

#include <algorithm>
#include <cmath>

namespace lacuna {
namespace {

/// The nonzero weights of one output.
struct SparseRow {
  std::vector<std::uint32_t> columns;
  std::vector<double> values;
};

SparseRow sparse_row(const WeightTensor& weights, std::uint32_t row) {
  SparseRow sparse;
  const std::uint64_t length = weights.row_length();
  for (std::uint64_t i = 0; i < length; ++i) {
    const float value = weights.values[row * length + i];
    if (value != 0.0F) {
      sparse.columns.push_back(static_cast<std::uint32_t>(i));
      sparse.values.push_back(static_cast<double>(value));
    }
  }
  return sparse;
}

}  // namespace

LayerJudge::LayerJudge(const ModelLayer& layer)
    : layer_(layer), outputs_(outputs_of(layer.weights)), original_(classify(outputs_)) {}

std::vector<double> LayerJudge::outputs_of(const WeightTensor& weights) const {
  const ActivationSet& activations = layer_.activations;
  const std::uint32_t rows = weights.outputs();
  std::vector<double> outputs(std::size_t{activations.vectors} * rows);
  for (std::uint32_t row = 0; row < rows; ++row) {
    const SparseRow sparse = sparse_row(weights, row);
    const double bias = layer_.biases.empty() ? 0.0 : static_cast<double>(layer_.biases[row]);
    for (std::uint32_t vector = 0; vector < activations.vectors; ++vector) {
      const float* inputs = activations.values.data() + std::size_t{vector} * activations.inputs;
      double sum = bias;
      for (std::size_t i = 0; i < sparse.columns.size(); ++i) {
        sum += sparse.values[i] * static_cast<double>(inputs[sparse.columns[i]]);
      }
      outputs[std::size_t{vector} * rows + row] = sum;
    }
  }
  return outputs;
}

std::optional<Classification> LayerJudge::classify(const std::vector<double>& outputs) const {
  if (layer_.labels.empty()) {
    return std::nullopt;
  }
  Classification result;
  const auto rows = static_cast<std::ptrdiff_t>(layer_.weights.outputs());
  for (std::size_t vector = 0; vector < layer_.labels.size(); ++vector) {
    const auto first = outputs.begin() + static_cast<std::ptrdiff_t>(vector) * rows;
    const auto best = std::distance(first, std::max_element(first, first + rows));
    result.correct += best == layer_.labels[vector] ? 1 : 0;
    ++result.labelled;
  }
  return result;
}

LayerQuality LayerJudge::judge(const WeightTensor& weights) const {
  const std::vector<double> outputs = outputs_of(weights);
  double differences = 0.0;
  double squares = 0.0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    differences += (outputs[i] - outputs_[i]) * (outputs[i] - outputs_[i]);
    squares += outputs_[i] * outputs_[i];
  }
  LayerQuality quality;
  quality.output_error = squares > 0.0 ? std::sqrt(differences / squares) : 0.0;
  quality.classification = classify(outputs);
  return quality;
}

}  // namespace lacuna
