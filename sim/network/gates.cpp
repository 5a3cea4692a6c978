#include "sim/network/gates.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lacuna {

std::vector<std::uint8_t> choose_winners(const float* saliencies, std::size_t channels, std::uint32_t winners,
                                         std::uint32_t lanes) {
  std::vector<std::size_t> order(channels);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return saliencies[a] > saliencies[b]; });
  std::vector<std::uint64_t> chosen(lanes, 0);
  std::vector<std::uint8_t> mask(channels, 0);
  for (const std::size_t channel : order) {
    const std::size_t lane = channel % lanes;
    // The lane's turns are lane, lane + lanes, lane + 2 lanes, ...
    const bool wins = chosen[lane]++ * lanes + lane < winners;
    mask[channel] = wins && saliencies[channel] > 0.0F ? 1 : 0;
  }
  return mask;
}

std::vector<float> saliencies(const NetworkLayer& layer, const Tensor& input) {
  const std::size_t channels = input.shape.channels;
  std::vector<double> means(channels, 0.0);
  for (std::size_t i = 0; i < input.values.size(); ++i) {
    means[i % channels] += static_cast<double>(input.values[i]);
  }
  for (double& mean : means) {
    mean /= static_cast<double>(input.shape.pixels());
  }
  std::vector<float> result;
  for (std::size_t output = 0; output < layer.outputs(); ++output) {
    double sum = static_cast<double>(layer.weights->gate_bias[output]);
    for (std::size_t i = 0; i < channels; ++i) {
      sum += static_cast<double>(layer.weights->gate_values[output * channels + i]) * means[i];
    }
    result.push_back(static_cast<float>(std::max(sum, 0.0)));
  }
  return result;
}

void apply_gates(const std::vector<float>& saliencies, const GateSource& gates, Tensor& output) {
  const std::vector<std::uint8_t> open =
      choose_winners(saliencies.data(), saliencies.size(), gates.winners, gates.lanes);
  for (std::size_t i = 0; i < output.values.size(); ++i) {
    const std::size_t channel = i % saliencies.size();
    output.values[i] = open[channel] != 0 ? output.values[i] * saliencies[channel] : 0.0F;
  }
}

std::uint32_t kept_channels(double share, std::uint32_t channels) {
  return std::clamp<std::uint32_t>(static_cast<std::uint32_t>(std::lround(share * channels)), 1, channels);
}

}  // namespace lacuna
