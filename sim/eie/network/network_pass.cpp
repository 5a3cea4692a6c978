#include "sim/eie/network/network_pass.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "sim/eie/network/host_layers.h"

namespace lacuna {
namespace {

/// Elements in the product's own format.
void convert_elements(const std::vector<std::int64_t>& gathered, const MachineLayer& layer,
                      const Product& product, std::vector<std::int32_t>& elements) {
  elements.resize(gathered.size());
  const FixedFormat& format = product.layer.formats.activation;
  const bool same_place = layer.input.fraction_bits() == format.fraction_bits();
  for (std::size_t i = 0; i < gathered.size(); ++i) {
    elements[i] = same_place ? static_cast<std::int32_t>(saturate(gathered[i], format))
                             : to_format(gathered[i], layer.input.fraction_bits(), format, layer.rounding);
  }
}

/// A bias that the host adds, raw.
std::int64_t host_bias(double bias, int fraction) {
  constexpr double most = 0x1p60;
  return std::llround(std::clamp(std::ldexp(bias, fraction), -most, most));
}

/// The layer's output from the sums of its products' outputs.
RawTensor finish(const MachineLayer& layer, const std::vector<std::int64_t>& sums) {
  const LoweredLayer& lowered = *layer.prepared.lowered;
  const int partial = layer.prepared.partial.fraction_bits();
  const int fraction = std::min(partial, finest_sum_grid(layer.output));
  RawTensor output(layer.layer.shape);
  const std::size_t channels = layer.layer.outputs();
  std::vector<std::int64_t> biases(channels, 0);
  for (std::size_t c = 0; c < lowered.host_biases.size(); ++c) {
    biases[c] = host_bias(static_cast<double>(lowered.host_biases[c]), fraction);
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const std::int64_t sum = scaled_by_shift(sums[i], fraction - partial, layer.rounding);
    output.values[i] = to_format(sum + biases[i % channels], fraction, layer.output, layer.rounding);
  }
  apply(layer.layer.activation, layer.output, output.values);
  return output;
}

LayerOutcome run_lowered(const MachineLayer& layer, const std::vector<const RawTensor*>& inputs,
                         ProductMachine& machine, const StreamProgress& progress) {
  const LoweredLayer& lowered = *layer.prepared.lowered;
  std::vector<std::vector<std::int64_t>> sums(inputs.size());
  for (auto& each : sums) {
    each.assign(layer.layer.shape.elements(), 0);
  }
  LayerOutcome outcome;
  for (std::size_t p = 0; p < lowered.products.size(); ++p) {
    const Product& product = lowered.products[p];
    const std::size_t vectors = lowered.vectors(p);
    const VectorStream stream = {vectors * inputs.size(),
                                 [&](std::size_t i, std::vector<std::int32_t>& elements) {
                                   thread_local std::vector<std::int64_t> gathered;
                                   lowered.gather(p, i % vectors, *inputs[i / vectors], gathered);
                                   convert_elements(gathered, layer, product, elements);
                                 },
                                 [&](std::size_t i, const std::vector<std::int32_t>& outputs) {
                                   lowered.add(p, i % vectors, outputs, sums[i / vectors]);
                                 }};
    outcome.counts += machine.run(product, stream, progress);
  }
  for (const auto& each : sums) {
    outcome.outputs.push_back(finish(layer, each));
  }
  return outcome;
}

/// A vector of product `p` from raw inputs or states.
void lstm_vector(const MachineLayer& layer, std::size_t p, const std::int32_t* raw,
                 std::vector<std::int32_t>& vector) {
  const Product& product = layer.prepared.lstm->products[p];
  const FixedFormat& from = p >= 4 ? layer.output : layer.input;
  vector.assign(raw, raw + product.inputs());
  for (std::int32_t& value : vector) {
    value = static_cast<std::int32_t>(convert(value, from, product.layer.formats.activation, layer.rounding));
  }
}

LayerOutcome run_lstm(const MachineLayer& layer, const std::vector<const RawTensor*>& inputs,
                      ProductMachine& machine, const StreamProgress& progress) {
  const std::size_t size = layer.layer.outputs();
  const int fraction = layer.prepared.partial.fraction_bits();
  LayerOutcome outcome;
  outcome.outputs.assign(inputs.size(), RawTensor(layer.layer.shape));
  std::vector<std::vector<double>> cells(inputs.size(), std::vector<double>(size, 0.0));
  std::vector<std::vector<double>> sums(inputs.size());
  std::vector<std::vector<std::int32_t>> states(inputs.size(), std::vector<std::int32_t>(size, 0));
  for (std::size_t step = 0; step < layer.layer.shape.height; ++step) {
    for (auto& each : sums) {
      each.assign(4 * size, 0.0);
    }
    for (std::size_t p = 0; p < layer.prepared.lstm->products.size(); ++p) {
      const VectorStream stream = {
          inputs.size(),
          [&](std::size_t i, std::vector<std::int32_t>& elements) {
            lstm_vector(layer, p, p >= 4 ? states[i].data() : &inputs[i]->at(step, 0, 0), elements);
          },
          [&](std::size_t i, const std::vector<std::int32_t>& outputs) {
            for (std::size_t k = 0; k < size; ++k) {
              sums[i][p % 4 * size + k] += std::ldexp(static_cast<double>(outputs[k]), -fraction);
            }
          }};
      outcome.counts += machine.run(layer.prepared.lstm->products[p], stream, progress);
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const std::vector<double> state = lstm_step(sums[i], cells[i]);
      for (std::size_t k = 0; k < size; ++k) {
        states[i][k] = static_cast<std::int32_t>(quantise(state[k], layer.output));
        outcome.outputs[i].at(step, 0, k) = states[i][k];
      }
    }
  }
  return outcome;
}

}  // namespace

LayerOutcome run_machine_layer(const MachineLayer& layer, const std::vector<const RawTensor*>& inputs,
                               ProductMachine& machine, const StreamProgress& progress) {
  return layer.prepared.lstm ? run_lstm(layer, inputs, machine, progress)
                             : run_lowered(layer, inputs, machine, progress);
}

std::size_t check_machine_layer(const MachineLayer& layer, const RawTensor& input, const RawTensor& output,
                                std::size_t vectors, EngineProducts& engine,
                                std::vector<std::string>& failures) {
  std::size_t checked = 0;
  std::vector<std::int64_t> gathered;
  std::vector<std::int32_t> elements;
  for (std::size_t p = 0; p < layer.prepared.products().size(); ++p) {
    const Product& product = layer.prepared.products()[p];
    const std::size_t all = layer.prepared.lstm ? input.shape.height : layer.prepared.lowered->vectors(p);
    const std::size_t count = std::min(all, vectors);
    for (std::size_t k = 0; k < count; ++k, ++checked) {
      const std::size_t vector = k * all / count;
      if (layer.prepared.lstm) {
        const std::vector<std::int32_t> zeros(output.shape.channels, 0);
        const std::int32_t* const state = vector == 0 ? zeros.data() : &output.at(vector - 1, 0, 0);
        lstm_vector(layer, p, p >= 4 ? state : &input.at(vector, 0, 0), elements);
      } else {
        layer.prepared.lowered->gather(p, vector, input, gathered);
        convert_elements(gathered, layer, product, elements);
      }
      const std::string difference = engine.check(product, elements);
      if (!difference.empty()) {
        failures.push_back(fmt::format("{}, vector {}: {}", product.layer.name, vector, difference));
      }
    }
  }
  return checked;
}

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
