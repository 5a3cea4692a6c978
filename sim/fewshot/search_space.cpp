#include "sim/fewshot/search_space.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "sim/data/random/random_stream.h"
#include "sim/fewshot/adapted_network.h"
#include "sim/network/input_images.h"

namespace lacuna {
namespace {

/// Uniform within He et al.'s bound for so many inputs that are kept, else zero.
std::vector<float> sparse_weights(std::size_t rows, std::size_t inputs, double density,
                                  RandomStream& stream) {
  constexpr double whole = 4294967296.0;
  const double bound = std::sqrt(6.0 / (static_cast<double>(inputs) * density));
  std::vector<float> values(rows * inputs, 0.0F);
  for (float& value : values) {
    const bool kept = static_cast<double>(stream.next()) < density * whole;
    const double weight = bound * (std::ldexp(static_cast<double>(stream.next()), -31) - 1.0);
    value = kept ? static_cast<float>(weight) : 0.0F;
  }
  return values;
}

void append(Network& network, NetworkLayer layer) {
  layer.inputs = {network.layers.size() - 1};
  network.layers.push_back(std::move(layer));
}

}  // namespace

Network untrained_network(const std::vector<ConvolutionConfig>& layers, const TensorShape& image,
                          std::uint32_t ways, double density, std::uint64_t seed) {
  RandomStream stream(seed, StreamPurpose::few_shot_weights, 0);
  Network network;
  network.name = "sub-network";
  network.layers.emplace_back();
  network.layers.back().name = "image";
  network.layers.back().shape = image;
  TensorShape shape = image;
  for (const ConvolutionConfig& convolution : layers) {
    NetworkLayer layer = convolution_layer(convolution, network.layers.size());
    auto weights = std::make_shared<LayerWeights>();
    const std::size_t inputs = std::size_t{convolution.kernel} * convolution.kernel * shape.channels;
    weights->values = sparse_weights(convolution.channels, inputs, density, stream);
    weights->bias.assign(convolution.channels, 0.0F);
    layer.weights = std::move(weights);
    append(network, std::move(layer));
    shape = output_of(convolution, shape);
  }
  if (ways > 0) {
    // Behind a pool, so that the last layer does not depend on how many stages there are.
    NetworkLayer pool;
    pool.name = "pool";
    pool.kind = LayerKind::global_average_pooling;
    append(network, std::move(pool));
    NetworkLayer head;
    head.name = "classes";
    head.kind = LayerKind::fully_connected;
    head.shape.channels = ways;
    auto weights = std::make_shared<LayerWeights>();
    weights->values = sparse_weights(ways, shape.channels, density, stream);
    weights->bias.assign(ways, 0.0F);
    head.weights = std::move(weights);
    append(network, std::move(head));
  }
  infer_shapes(network);
  return network;
}

LayerCounts counts_of(const std::vector<ConvolutionConfig>& layers, const TensorShape& image,
                      std::uint32_t ways) {
  TensorShape shape = image;
  LayerCounts counts;
  for (const ConvolutionConfig& layer : layers) {
    const double weights = static_cast<double>(layer.kernel) * layer.kernel * shape.channels * layer.channels;
    shape = output_of(layer, shape);
    counts.parameters += weights;
    counts.multiply_accumulates += weights * static_cast<double>(shape.pixels());
  }
  const double weights = static_cast<double>(shape.channels) * ways;
  return {counts.parameters + weights, counts.multiply_accumulates + weights};
}

double LayerSum::of(const std::vector<ConvolutionConfig>& layers, std::uint32_t ways) {
  TensorShape shape = images_.front().shape;
  double sum = 0.0;
  for (const ConvolutionConfig& layer : layers) {
    sum += entry(shape, &layer, 0, &layer == &layers.front());
    shape = output_of(layer, shape);
  }
  return sum + entry({1, 1, shape.channels}, nullptr, ways, false);
}

double LayerSum::entry(const TensorShape& input, const ConvolutionConfig* layer, std::uint32_t ways,
                       bool first) {
  const std::string name = layer != nullptr ? fmt::format("{} {} {} {}", input.text(), layer->channels,
                                                          layer->kernel, layer->stride)
                                            : fmt::format("{} classes {}", input.text(), ways);
  const auto known = entries_.find(name);
  if (known != entries_.end()) {
    return known->second;
  }
  const Network network = layer != nullptr ? untrained_network({*layer}, input, 0, density_, seed_)
                                           : untrained_network({}, input, ways, density_, seed_);
  std::vector<Tensor> inputs = images_;
  for (std::uint64_t number = 0; number < images_.size() && !first; ++number) {
    inputs[number] = random_image(input, seed_, number);
    for (float& value : inputs[number].values) {
      value = std::max(value, 0.0F);
    }
  }
  const double cost = machine_.measure(network, inputs).value(measure_);
  entries_.emplace(name, cost);
  return cost;
}

}  // namespace lacuna
