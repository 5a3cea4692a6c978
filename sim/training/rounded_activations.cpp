#include "sim/training/rounded_activations.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/common/fixed_point.h"
#include "sim/network/reference.h"

namespace lacuna {
namespace {

/// Whose outputs leave the network, but for a softmax.
std::size_t result_position(const Network& network) {
  std::size_t last = network.layers.size() - 1;
  while (last > 0 && is_softmax(network.layers[last].kind)) {
    last = network.layers[last].inputs.front();
  }
  return last;
}

/// The largest magnitude but for `clipped` of those other than zero.
double largest_kept(std::vector<float>& magnitudes, double clipped) {
  if (magnitudes.empty()) {
    return 0.0;
  }
  const auto beyond = static_cast<std::size_t>(std::floor(clipped * static_cast<double>(magnitudes.size())));
  const auto kept = magnitudes.end() - 1 - static_cast<std::ptrdiff_t>(beyond);
  std::nth_element(magnitudes.begin(), kept, magnitudes.end());
  return static_cast<double>(*kept);
}

}  // namespace

void fit_activations(const ActivationConfig& config, const Network& network,
                     const std::vector<Tensor>& images, std::vector<TrainedLayer>& layers) {
  for (const NetworkLayer& layer : network.layers) {
    if (layer.kind == LayerKind::elementwise && (layer.element.function == ElementFunction::quantise ||
                                                 layer.element.function == ElementFunction::quantise_down)) {
      throw ConfigurationError(
          {}, fmt::format("the network rounds activations already, in layer '{}'", layer.name),
          "a network without quantise layers");
    }
  }
  const Network current = with_weights(network, layers);
  const Reference reference(current);
  const std::size_t result = result_position(current);
  std::vector<std::vector<float>> magnitudes(layers.size());
  for (const Tensor& image : images) {
    const std::vector<Tensor> outputs = reference.run(image);
    for (std::size_t l = 0; l < layers.size(); ++l) {
      for (const float value : outputs[layers[l].position].values) {
        if (value != 0.0F) {
          magnitudes[l].push_back(std::fabs(value));
        }
      }
    }
  }
  const int bits = static_cast<int>(config.bits);
  for (std::size_t l = 0; l < layers.size(); ++l) {
    if (layers[l].position != result) {
      const int point = integer_bits_for(largest_kept(magnitudes[l], config.clipped), bits);
      layers[l].activations =
          NumberFormat::fixed(bits, std::clamp(point, -largest_format_exponent, largest_format_exponent));
    }
  }
}

ElementParameters rounding_of(const NumberFormat& format) {
  ElementParameters e;
  e.function = ElementFunction::quantise;
  e.step = std::ldexp(1.0, unit_exponent(format));
  e.lower = static_cast<double>(min_mantissa(format));
  e.upper = static_cast<double>(max_mantissa(format));
  return e;
}

Network with_rounding(const Network& network, const std::vector<TrainedLayer>& layers) {
  Network result = network;
  result.layers.clear();
  std::vector<std::size_t> end;  // of each layer of `network`: whose outputs are its own, rounded
  for (std::size_t position = 0; position < network.layers.size(); ++position) {
    NetworkLayer layer = network.layers[position];
    for (std::size_t& input : layer.inputs) {
      input = position == 0 ? input : end[input];
    }
    result.layers.push_back(std::move(layer));
    const auto trained = std::find_if(layers.begin(), layers.end(), [&](const TrainedLayer& each) {
      return each.position == position && each.activations;
    });
    if (trained != layers.end()) {
      NetworkLayer rounding;
      rounding.name = trained->name + ".rounded";
      rounding.kind = LayerKind::elementwise;
      rounding.inputs = {result.layers.size() - 1};
      rounding.shape = result.layers.back().shape;
      rounding.element = rounding_of(*trained->activations);
      rounding.place = result.layers.back().place;
      result.layers.push_back(std::move(rounding));
    }
    end.push_back(result.layers.size() - 1);
  }
  return result;
}

std::vector<LayerArithmetic> arithmetic_of(const std::vector<TrainedLayer>& layers) {
  std::vector<LayerArithmetic> arithmetic;
  for (const TrainedLayer& layer : layers) {
    if (layer.format && !layer.format->incremental) {
      arithmetic.push_back({layer.name, layer.format->format, layer.format->scale});
    }
  }
  return arithmetic;
}

}  // namespace lacuna
