#include "sim/eie/network/activation_traffic.h"

#include "models/eie/batches.h"

namespace lacuna {
namespace {

/// Cycles in which all PEs, in lockstep, pass a vector through their activation SRAM ports.
std::uint64_t port_cycles(const eie::Parameters& machine, std::uint32_t elements) {
  const std::uint64_t per_pe = (std::uint64_t{elements} + machine.pe_count - 1) / machine.pe_count;
  const std::uint64_t bits = per_pe * machine.activation_width_bits;
  return (bits + machine.activation_sram_width_bits - 1) / machine.activation_sram_width_bits;
}

bool stays(const PreparedNetwork& network, std::size_t from, std::size_t to) {
  const auto& layers = network.network.layers;
  return layers[from].kind == LayerKind::fully_connected && layers[to].kind == LayerKind::fully_connected &&
         layers[from].activation != Activation::relu6 && network.network.consumers(from).size() == 1;
}

}  // namespace

ActivationTraffic activation_traffic(const PreparedNetwork& network, std::size_t position,
                                     const eie::Parameters& machine) {
  const NetworkLayer& layer = network.network.layers[position];
  const PreparedLayer& prepared = network.layers[position];
  const std::vector<std::size_t> consumers = network.network.consumers(position);
  const bool kept_input = stays(network, layer.inputs[0], position);
  const bool kept_output = consumers.size() == 1 && stays(network, position, consumers.front());
  ActivationTraffic traffic;
  traffic.distinct_words = kept_input ? 0 : network.network.input_of(layer).shape.elements();
  for (std::size_t p = 0; p < prepared.products().size(); ++p) {
    const Product& product = prepared.products()[p];
    const std::uint64_t vectors = vectors_per_image(network, position, p);
    const eie::BatchPlan plan =
        eie::plan_batches(machine, product.inputs(), product.outputs(), product.layer.has_bias);
    if (!kept_input) {
      traffic.words_in += vectors * product.inputs();
      traffic.cycles += plan.loads() ? 0 : vectors * port_cycles(machine, product.inputs());
    }
    if (!kept_output) {
      traffic.words_out += vectors * product.outputs();
      traffic.cycles += plan.stores() ? 0 : vectors * port_cycles(machine, product.outputs());
    }
  }
  return traffic;
}

}  // namespace lacuna
