#include <algorithm>
#include <cmath>

#include "sim/data/random/random_stream.h"
#include "sim/network/dense_weights.h"

namespace lacuna {
namespace {

/// FNV-1a: layers of one seed differ by their names.
std::uint64_t hash_of(const std::string& name) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  }
  return hash;
}

/// Bell-shaped with mean 0 and deviation 1: twelve uniform numbers less six.
double bell(RandomStream& stream) {
  double sum = -6.0;
  for (int i = 0; i < 12; ++i) {
    sum += std::ldexp(static_cast<double>(stream.next()), -32);
  }
  return sum;
}

std::vector<float> random_values(const NetworkLayer& layer, std::uint64_t purpose, std::size_t rows,
                                 std::size_t columns) {
  const GenerateWeights& options = *layer.weight_source.generate;
  const double kept = std::max(1.0, options.density * static_cast<double>(columns));
  const double deviation = std::sqrt(2.0 / kept);
  const auto threshold = static_cast<std::uint64_t>(std::ldexp(options.density, 32));
  std::vector<float> values;
  values.reserve(rows * columns);
  for (std::size_t row = 0; row < rows; ++row) {
    RandomStream positions(options.seed + purpose, StreamPurpose::row_positions, hash_of(layer.name) + row);
    RandomStream numbers(options.seed + purpose, StreamPurpose::weight_codes, hash_of(layer.name) + row);
    for (std::size_t column = 0; column < columns; ++column) {
      const double value = deviation * bell(numbers);
      values.push_back(positions.next() < threshold ? static_cast<float>(value) : 0.0F);
    }
  }
  return values;
}

}  // namespace

LayerWeights generated_weights(const NetworkLayer& layer, const TensorShape& input) {
  const std::size_t rows = layer.kind == LayerKind::lstm ? std::size_t{4} * layer.outputs() : layer.outputs();
  LayerWeights weights;
  weights.values = random_values(layer, 0, rows, weight_count(layer, input) / rows);
  if (layer.kind == LayerKind::lstm) {
    weights.recurrent = random_values(layer, 1, rows, layer.outputs());
  }
  if (layer.weight_source.generate->bias) {
    RandomStream stream(layer.weight_source.generate->seed + 2, StreamPurpose::weight_codes,
                        hash_of(layer.name));
    for (std::size_t row = 0; row < rows; ++row) {
      weights.bias.push_back(static_cast<float>(0.05 * bell(stream)));
    }
  }
  return weights;
}

}  // namespace lacuna
