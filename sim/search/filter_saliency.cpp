#include "sim/search/filter_saliency.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace lacuna {

std::vector<double> filter_saliencies(const std::vector<float>& weights, std::size_t filters,
                                      FilterNorm norm) {
  if (filters == 0 || weights.size() % filters != 0) {
    throw std::invalid_argument("weights that do not divide into filters");
  }
  const std::size_t size = weights.size() / filters;
  std::vector<double> saliencies(filters, 0.0);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double weight = weights[i];
    saliencies[i / size] += norm == FilterNorm::absolute ? std::abs(weight) : weight;
  }
  return saliencies;
}

std::vector<LayerChannel> removal_order(const std::vector<std::vector<double>>& saliencies_of_layers) {
  std::vector<LayerChannel> channels;
  for (std::size_t layer = 0; layer < saliencies_of_layers.size(); ++layer) {
    for (std::size_t channel = 0; channel < saliencies_of_layers[layer].size(); ++channel) {
      channels.push_back({layer, channel});
    }
  }
  const auto saliency = [&](const LayerChannel& at) { return saliencies_of_layers[at.layer][at.channel]; };
  std::stable_sort(channels.begin(), channels.end(),
                   [&](const LayerChannel& a, const LayerChannel& b) { return saliency(a) < saliency(b); });
  std::vector<std::size_t> left;
  left.reserve(saliencies_of_layers.size());
  for (const std::vector<double>& layer : saliencies_of_layers) {
    left.push_back(layer.size());
  }
  std::vector<LayerChannel> order;
  for (const LayerChannel& channel : channels) {
    if (left[channel.layer] > 1) {
      --left[channel.layer];
      order.push_back(channel);
    }
  }
  return order;
}

}  // namespace lacuna
