#include "sim/eie/run/chain.h"

#include <fmt/format.h>

#include "sim/yaml/error_place.h"

namespace lacuna {
namespace {

[[noreturn]] void refuse(const LayerConfig& config, const std::string& key, const std::string& wrong,
                         const std::string& allowed) {
  ErrorPlace place = config.place;
  place.key += "." + key;
  throw ConfigurationError(place, wrong, allowed);
}

IntegerBits configured_bits(const LayerConfig& config) {
  return config.formats ? config.formats->integer_bits() : IntegerBits{};
}

/// The activation format of a chained layer is the output format of the one before.
IntegerBits chained_bits(const LayerConfig& config, const LayerOutputs& previous) {
  IntegerBits bits = configured_bits(config);
  if (bits.activation && *bits.activation != previous.format.integer_bits) {
    refuse(config, "formats.activation_integer_bits",
           fmt::format("is {}, but the outputs of the layer before have {}", *bits.activation,
                       previous.format.integer_bits),
           "leave it out, or set output_integer_bits of the layer before");
  }
  bits.activation = previous.format.integer_bits;
  return bits;
}

void check_shapes(const LayerConfig& config, const Trace& trace, const LayerOutputs& previous) {
  const std::size_t outputs = previous.vectors.front().size();
  if (outputs != trace.inputs()) {
    refuse(config, "activations",
           fmt::format("the layer before has {} outputs, '{}' takes {} inputs", outputs, trace.name,
                       trace.inputs()),
           "layers whose shapes match, or 'activations: trace'");
  }
  if (config.max_vectors && *config.max_vectors < previous.vectors.size()) {
    refuse(config, "max_vectors",
           fmt::format("is {}, but the layer before hands on {} vectors", *config.max_vectors,
                       previous.vectors.size()),
           "set it on the first layer of the chain");
  }
}

}  // namespace

QuantisedLayer prepare_layer(const LayerConfig& config, const Trace& trace, const LayerOutputs* previous,
                             const eie::Parameters& machine, const MatrixAccess* matrix) {
  const auto quantised = [&](const IntegerBits& bits) {
    return at_place(config.place, [&] {
      return matrix != nullptr ? quantise_layer(trace, bits, eie::value_widths(machine), *matrix)
                               : quantise_layer(trace, bits, eie::value_widths(machine));
    });
  };
  if (config.activations == ActivationSource::trace || previous == nullptr) {
    return quantised(configured_bits(config));
  }
  check_shapes(config, trace, *previous);
  QuantisedLayer ready = quantised(chained_bits(config, *previous));
  ready.activations = previous->vectors;
  return ready;
}

std::vector<std::int32_t> known_labels(const LayerConfig& config, const Trace& trace,
                                       const LayerOutputs& previous) {
  const bool chained = config.activations == ActivationSource::from_previous;
  return trace.labels.empty() && chained ? previous.labels : trace.labels;
}

}  // namespace lacuna
