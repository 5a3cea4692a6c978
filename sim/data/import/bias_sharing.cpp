#include "sim/data/import/bias_sharing.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <utility>

namespace lacuna {
namespace {

double largest_of(const std::vector<float>& values) {
  double largest = 0.0;
  for (const float value : values) {
    largest = std::max(largest, std::fabs(static_cast<double>(value)));
  }
  return largest;
}

/// Distinct values that are not zero, or the first so many of them.
std::set<float> distinct_values(const std::vector<float>& values, std::size_t most) {
  std::set<float> distinct;
  for (std::size_t i = 0; i < values.size() && distinct.size() < most; ++i) {
    if (values[i] != 0.0F) {
      distinct.insert(values[i]);
    }
  }
  return distinct;
}

/// Whether weights and biases have no more nonzero values than the codebook holds, so that nothing is lost.
bool all_fit(const std::vector<float>& weights, const std::vector<float>& biases, std::size_t values) {
  std::set<float> distinct = distinct_values(weights, values + 1);
  const std::set<float> of_biases = distinct_values(biases, values + 1);
  distinct.insert(of_biases.begin(), of_biases.end());
  return distinct.size() <= values;
}

/// Nonzero values of the codebook that biases have for themselves; 0 where they are shared with the weights.
std::size_t own_bias_values(const std::vector<float>& weights, const std::vector<float>& biases,
                            std::size_t values) {
  constexpr double far = 4.0;
  const double weight = largest_of(weights);
  const double bias = largest_of(biases);
  const bool apart = weight > 0.0 && bias > 0.0 && (bias > far * weight || weight > far * bias);
  if (!apart || values < 2 || all_fit(weights, biases, values)) {
    return 0;
  }
  const std::size_t most = std::max<std::size_t>(1, values / 4);
  return distinct_values(biases, most).size();
}

/// Weights and biases with values of their own.
SharedLayerValues shared_apart(const std::vector<float>& weights, const std::vector<float>& biases,
                               const KmeansOptions& options, std::size_t bias_values) {
  KmeansOptions each = options;
  each.shared_values = options.shared_values - static_cast<std::uint32_t>(bias_values);
  SharedLayerValues shared;
  shared.weights = share_weights(weights, each);
  each.shared_values = static_cast<std::uint32_t>(bias_values);
  const SharedWeights of_biases = share_weights(biases, each);
  const std::size_t first = shared.weights.codebook.size() - 1;
  for (const std::uint8_t code : of_biases.codes) {
    shared.bias_codes.push_back(code == 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(code + first));
  }
  shared.weights.codebook.insert(shared.weights.codebook.end(), of_biases.codebook.begin() + 1,
                                 of_biases.codebook.end());
  shared.weights.settled = shared.weights.settled && of_biases.settled;
  shared.bias_values = static_cast<std::uint32_t>(of_biases.codebook.size() - 1);
  shared.bias_mean_squared_error = of_biases.mean_squared_error;
  return shared;
}

SharedLayerValues shared_together(const std::vector<float>& weights, const std::vector<float>& biases,
                                  const KmeansOptions& options) {
  SharedLayerValues shared;
  if (biases.empty()) {
    shared.weights = share_weights(weights, options);
    return shared;
  }
  std::vector<float> all = weights;
  all.insert(all.end(), biases.begin(), biases.end());
  shared.weights = share_weights(all, options);
  const auto end_of_weights = shared.weights.codes.begin() + static_cast<std::ptrdiff_t>(weights.size());
  shared.bias_codes.assign(end_of_weights, shared.weights.codes.end());
  shared.weights.codes.erase(end_of_weights, shared.weights.codes.end());
  return shared;
}

double codebook_squared_error(const std::vector<float>& values, const std::vector<std::uint8_t>& codes,
                              const std::vector<float>& codebook) {
  double sum = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double error = static_cast<double>(values[i]) - static_cast<double>(codebook[codes[i]]);
    sum += error * error;
  }
  return sum;
}

}  // namespace

SharedLayerValues share_weights_and_biases(const std::vector<float>& weights,
                                           const std::vector<float>& biases, const KmeansOptions& options,
                                           std::optional<double> activation_power) {
  const std::size_t own = own_bias_values(weights, biases, options.shared_values);
  if (own == 0) {
    return shared_together(weights, biases, options);
  }
  SharedLayerValues apart = shared_apart(weights, biases, options, own);
  if (!activation_power) {
    return apart;
  }
  SharedLayerValues together = shared_together(weights, biases, options);
  const auto error_of_outputs = [&](const SharedLayerValues& shared) {
    const std::vector<float>& codebook = shared.weights.codebook;
    return *activation_power * codebook_squared_error(weights, shared.weights.codes, codebook) +
           codebook_squared_error(biases, shared.bias_codes, codebook);
  };
  return error_of_outputs(apart) < error_of_outputs(together) ? apart : together;
}

}  // namespace lacuna
