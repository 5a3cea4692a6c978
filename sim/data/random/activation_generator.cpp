#include "sim/data/random/activation_generator.h"

#include <cmath>

#include "sim/data/random/random_stream.h"

namespace lacuna {
namespace {

void fill_vector(const GeneratedLayer& layer, std::uint32_t vector, std::uint32_t nonzeros, float* values) {
  RandomStream positions(layer.seed, StreamPurpose::activation_positions, vector);
  RandomStream magnitudes(layer.seed, StreamPurpose::activation_values, vector);
  std::uint32_t wanted = nonzeros;
  for (std::uint32_t i = 0; i < layer.inputs && wanted > 0; ++i) {
    if (positions.below(layer.inputs - i) < wanted) {
      values[i] = static_cast<float>(1 + magnitudes.below(32767)) / 4096.0F;
      --wanted;
    }
  }
}

}  // namespace

ActivationSet generate_activations(const GeneratedLayer& layer) {
  check_generated_layer(layer);
  const auto nonzeros = static_cast<std::uint32_t>(std::llround(layer.activation_density * layer.inputs));
  ActivationSet set{layer.vectors, layer.inputs,
                    std::vector<float>(std::size_t{layer.vectors} * layer.inputs)};
  for (std::uint32_t vector = 0; vector < layer.vectors; ++vector) {
    fill_vector(layer, vector, nonzeros, set.values.data() + std::size_t{vector} * layer.inputs);
  }
  return set;
}

}  // namespace lacuna
