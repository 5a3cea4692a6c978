#include "sim/eie/network/tensor_formats.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lacuna {
namespace {

bool passes_on(LayerKind kind) {
  return kind == LayerKind::max_pooling || kind == LayerKind::relu || kind == LayerKind::relu6 ||
         kind == LayerKind::flatten || kind == LayerKind::concat;
}

/// Sets of layers with one format.
class Groups {
 public:
  explicit Groups(std::size_t size) : parent_(size) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }

  std::size_t of(std::size_t i) const {
    while (parent_[i] != i) {
      i = parent_[i];
    }
    return i;
  }
  void join(std::size_t a, std::size_t b) { parent_[std::max(of(a), of(b))] = std::min(of(a), of(b)); }

 private:
  std::vector<std::size_t> parent_;
};

}  // namespace

void TensorRanges::add(const std::vector<Tensor>& outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    for (const float value : outputs[i].values) {
      largest_[i] = std::max(largest_[i], std::fabs(static_cast<double>(value)));
    }
  }
}

FixedFormat format_for(double magnitude, int width_bits, int headroom_bits) {
  return {width_bits, std::min(integer_bits_for(magnitude, width_bits) + headroom_bits, width_bits - 1)};
}

std::vector<FixedFormat> tensor_formats(const Network& network, const std::vector<double>& largest,
                                        int width_bits, int headroom_bits) {
  Groups groups(network.layers.size());
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    for (const std::size_t input : network.layers[i].inputs) {
      if (passes_on(network.layers[i].kind)) {
        groups.join(i, input);
      }
    }
  }
  std::vector<double> magnitudes(network.layers.size(), 0.0);
  const auto raise = [&](std::size_t i, double magnitude) {
    magnitudes[groups.of(i)] = std::max(magnitudes[groups.of(i)], magnitude);
  };
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    const NetworkLayer& layer = network.layers[i];
    raise(i, largest[i]);
    if (has_weights(layer.kind) && !layer.weights->bias.empty()) {
      raise(layer.inputs[0], 1.0);
    }
    if (layer.kind == LayerKind::lstm) {
      raise(i, 1.0);  // its state comes back as input
    }
  }
  std::vector<FixedFormat> formats;
  formats.reserve(network.layers.size());
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    formats.push_back(format_for(magnitudes[groups.of(i)], width_bits, headroom_bits));
  }
  return formats;
}

}  // namespace lacuna
