#include "sim/eie/network/network_pass.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "sim/eie/network/host_layers.h"
#include "sim/eie/run/run_layer.h"
#include "sim/network/recurrent_cell.h"

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

/// A product whose matrix belongs to an input, complete.
Product product_for(const MachineLayer& layer, std::size_t p, const RawTensor& input) {
  Product own = layer.prepared.lowered->made_for(p, input, layer.input);
  own.image = fitting_image(layer.machine, own.layer);
  return own;
}

LayerOutcome run_lowered(const MachineLayer& layer, const std::vector<const RawTensor*>& inputs,
                         ProductMachine& machine, const StreamProgress& progress) {
  const LoweredLayer& lowered = *layer.prepared.lowered;
  std::vector<std::vector<std::int64_t>> sums(inputs.size());
  for (auto& each : sums) {
    each.assign(layer.layer.shape.elements(), 0);
  }
  LayerOutcome outcome;
  // Runs a product for the inputs from `first` to before `end`.
  const auto run = [&](std::size_t p, const Product& product, std::size_t first, std::size_t end) {
    const std::size_t vectors = lowered.vectors(p);
    const VectorStream stream = {vectors * (end - first),
                                 [&](std::size_t i, std::vector<std::int32_t>& elements) {
                                   thread_local std::vector<std::int64_t> gathered;
                                   lowered.gather(p, i % vectors, *inputs[first + i / vectors], gathered);
                                   convert_elements(gathered, layer, product, elements);
                                 },
                                 [&](std::size_t i, const std::vector<std::int32_t>& outputs) {
                                   lowered.add(p, i % vectors, outputs, sums[first + i / vectors]);
                                 }};
    outcome.counts += machine.run(product, stream, progress);
  };
  for (std::size_t p = 0; p < lowered.products.size(); ++p) {
    if (!lowered.depends_on_input()) {
      run(p, lowered.products[p], 0, inputs.size());
      continue;
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      run(p, product_for(layer, p, *inputs[i]), i, i + 1);
    }
  }
  for (const auto& each : sums) {
    outcome.outputs.push_back(finish(layer, each));
  }
  return outcome;
}

/// A vector of product `p` from raw inputs or states.
void cell_vector(const MachineLayer& layer, std::size_t p, const std::int32_t* raw,
                 std::vector<std::int32_t>& vector) {
  const Product& product = layer.prepared.cell->products[p];
  const FixedFormat& from = layer.prepared.cell->is_of_state(p) ? layer.output : layer.input;
  vector.assign(raw, raw + product.inputs());
  for (std::int32_t& value : vector) {
    value = static_cast<std::int32_t>(convert(value, from, product.layer.formats.activation, layer.rounding));
  }
}

std::vector<std::int32_t> raw_state(const std::vector<double>& state, const FixedFormat& format) {
  std::vector<std::int32_t> raw;
  raw.reserve(state.size());
  for (const double value : state) {
    raw.push_back(static_cast<std::int32_t>(quantise(value, format)));
  }
  return raw;
}

/// One sequence on its way through a cell.
struct Sequence {
  RecurrentCell cell;
  std::vector<double> sums;         ///< of the step
  std::vector<std::int32_t> taken;  ///< raw: what the products of the state are made of
};

LayerOutcome run_cell(const MachineLayer& layer, const std::vector<const RawTensor*>& inputs,
                      ProductMachine& machine, const StreamProgress& progress) {
  const std::size_t size = layer.layer.outputs();
  const int fraction = layer.prepared.partial.fraction_bits();
  const LoweredCell& lowered = *layer.prepared.cell;
  LayerOutcome outcome;
  outcome.outputs.assign(inputs.size(), RawTensor(layer.layer.shape));
  const RecurrentCell start(layer.layer);
  std::vector<Sequence> sequences(inputs.size(), {start, {}, raw_state(start.state(), layer.output)});
  for (std::size_t step = 0; step < layer.layer.shape.height; ++step) {
    for (Sequence& each : sequences) {
      each.sums.assign(4 * size, 0.0);
    }
    for (std::size_t p = 0; p < lowered.products.size(); ++p) {
      const bool of_state = lowered.is_of_state(p);
      const std::size_t gate = lowered.gate_of(p);
      const std::size_t sum = of_state ? sum_of_state(layer.layer.kind, gate) : gate;
      if (sum != gate && !layer.layer.reset_after) {
        for (Sequence& each : sequences) {
          each.taken = raw_state(each.cell.candidate_state(each.sums), layer.output);
        }
      }
      const VectorStream stream = {
          inputs.size(),
          [&](std::size_t i, std::vector<std::int32_t>& elements) {
            cell_vector(layer, p, of_state ? sequences[i].taken.data() : &inputs[i]->at(step, 0, 0),
                        elements);
          },
          [&](std::size_t i, const std::vector<std::int32_t>& outputs) {
            for (std::size_t k = 0; k < size; ++k) {
              sequences[i].sums[sum * size + k] += std::ldexp(static_cast<double>(outputs[k]), -fraction);
            }
          }};
      outcome.counts += machine.run(lowered.products[p], stream, progress);
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      Sequence& sequence = sequences[i];
      sequence.cell.step(sequence.sums);
      sequence.taken = raw_state(sequence.cell.state(), layer.output);
      std::copy(sequence.taken.begin(), sequence.taken.end(), &outcome.outputs[i].at(step, 0, 0));
    }
  }
  return outcome;
}

}  // namespace

LayerOutcome run_machine_layer(const MachineLayer& layer, const std::vector<const RawTensor*>& inputs,
                               ProductMachine& machine, const StreamProgress& progress) {
  return layer.prepared.cell ? run_cell(layer, inputs, machine, progress)
                             : run_lowered(layer, inputs, machine, progress);
}

std::size_t check_machine_layer(const MachineLayer& layer, const RawTensor& input, const RawTensor& output,
                                std::size_t vectors, EngineProducts& engine,
                                std::vector<std::string>& failures) {
  std::size_t checked = 0;
  std::vector<std::int64_t> gathered;
  std::vector<std::int32_t> elements;
  std::vector<std::int32_t> first;
  if (layer.prepared.cell) {
    first = raw_state(RecurrentCell(layer.layer).state(), layer.output);
  }
  for (std::size_t p = 0; p < layer.prepared.products().size(); ++p) {
    std::optional<Product> own;
    if (layer.prepared.lowered != nullptr && layer.prepared.lowered->depends_on_input()) {
      own = product_for(layer, p, input);
    }
    const Product& product = own ? *own : layer.prepared.products()[p];
    const std::size_t all = layer.prepared.cell ? input.shape.height : layer.prepared.lowered->vectors(p);
    const std::size_t count = std::min(all, vectors);
    for (std::size_t k = 0; k < count; ++k, ++checked) {
      const std::size_t vector = k * all / count;
      if (layer.prepared.cell) {
        const std::int32_t* const state = vector == 0 ? first.data() : &output.at(vector - 1, 0, 0);
        const bool of_state = layer.prepared.cell->is_of_state(p);
        cell_vector(layer, p, of_state ? state : &input.at(vector, 0, 0), elements);
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
  return {layer,    network.layers[position], network.formats[layer.inputs[0]], network.formats[position],
          rounding, network.machine};
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
