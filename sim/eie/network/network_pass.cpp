#include "sim/eie/network/network_pass.h"

#include <algorithm>
#include <utility>

#include "sim/eie/network/host_layers.h"

namespace lacuna {
namespace {

/// Tensor elements of all layers that are held at once.
constexpr std::size_t held_elements = std::size_t{1} << 25;
constexpr std::size_t most_images_at_once = 256;

std::vector<RawTensor> host_layer(const PreparedNetwork& network, std::size_t position, Rounding rounding,
                                  const NetworkTensors& tensors) {
  const NetworkLayer& layer = network.network.layers[position];
  std::vector<RawTensor> outputs;
  for (std::size_t image = 0; image < tensors[0].size(); ++image) {
    std::vector<FormattedTensor> inputs;
    inputs.reserve(layer.inputs.size());
    for (const std::size_t input : layer.inputs) {
      inputs.push_back({&tensors[input][image], network.formats[input]});
    }
    outputs.push_back(host_output(layer, inputs, network.formats[position], rounding));
  }
  return outputs;
}

}  // namespace

std::size_t images_at_once(const Network& network) {
  std::size_t elements = 0;
  for (const NetworkLayer& layer : network.layers) {
    elements += 3 * layer.shape.elements();
  }
  return std::clamp<std::size_t>(held_elements / elements, 1, most_images_at_once);
}

NetworkTensors input_tensors(const PreparedNetwork& network, const InputImages& images, std::size_t first,
                             std::size_t end) {
  NetworkTensors tensors(network.network.layers.size());
  for (std::size_t image = first; image < end; ++image) {
    tensors[0].push_back(quantised(images.image(image), network.formats[0]));
  }
  return tensors;
}

MachineLayer machine_layer(const PreparedNetwork& network, std::size_t position, Rounding rounding) {
  const NetworkLayer& layer = network.network.layers[position];
  return {layer, network.layers[position], network.formats[layer.inputs[0]], network.formats[position],
          rounding};
}

ProductCounts run_network_layer(const PreparedNetwork& network, std::size_t position, Rounding rounding,
                                ProductMachine& machine, const StreamProgress& progress,
                                NetworkTensors& tensors) {
  if (!network.layers[position].on_machine()) {
    tensors[position] = host_layer(network, position, rounding, tensors);
    return {};
  }
  std::vector<const RawTensor*> inputs;
  for (const RawTensor& input : tensors[network.network.layers[position].inputs[0]]) {
    inputs.push_back(&input);
  }
  LayerOutcome outcome =
      run_machine_layer(machine_layer(network, position, rounding), inputs, machine, progress);
  tensors[position] = std::move(outcome.outputs);
  return std::move(outcome.counts);
}

}  // namespace lacuna
