#include "sim/eie/network/shared_layer.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "sim/data/import/joint_codebook.h"
#include "sim/data/import/kmeans.h"

namespace lacuna {
namespace {

/// Code of each weight in the codebook that it comes with.
std::vector<std::uint8_t> codes_in(const std::vector<float>& weights, const std::vector<float>& codebook) {
  std::map<float, std::uint8_t> code_of;
  for (std::size_t code = codebook.size(); code-- > 0;) {
    code_of[codebook[code]] = static_cast<std::uint8_t>(code);
  }
  std::vector<std::uint8_t> codes;
  codes.reserve(weights.size());
  for (const float weight : weights) {
    codes.push_back(weight == 0.0F ? std::uint8_t{0} : code_of.at(weight));
  }
  return codes;
}

SharedLayer joined(const std::vector<float>& weights, const std::vector<float>& codebook,
                   const std::vector<float>& biases, std::size_t most_values) {
  SharedLayer shared;
  shared.codes = codes_in(weights, codebook);
  std::vector<std::uint64_t> uses(codebook.size(), 0);
  for (const std::uint8_t code : shared.codes) {
    ++uses[code];
  }
  if (biases.empty() && codebook.size() <= most_values) {
    shared.codebook = codebook;
    shared.method = "as found";
    return shared;
  }
  JointCodebook joint = join_codebook(codebook, uses, biases, most_values);
  for (std::uint8_t& code : shared.codes) {
    code = joint.weight_codes[code];
  }
  shared.codebook = std::move(joint.codebook);
  shared.bias_codes = std::move(joint.bias_codes);
  shared.method = joint.merges == 0 ? "as found" : "joined";
  return shared;
}

SharedLayer clustered(const std::vector<float>& weights, const std::vector<float>& biases,
                      std::size_t most_values) {
  std::vector<float> all = weights;
  all.insert(all.end(), biases.begin(), biases.end());
  KmeansOptions options;
  options.shared_values = static_cast<std::uint32_t>(most_values - 1);
  SharedWeights result = share_weights(all, options);
  SharedLayer shared;
  shared.codebook = std::move(result.codebook);
  const auto end_of_weights = result.codes.begin() + static_cast<std::ptrdiff_t>(weights.size());
  shared.codes.assign(result.codes.begin(), end_of_weights);
  shared.bias_codes.assign(end_of_weights, result.codes.end());
  shared.method = "k-means";
  return shared;
}

void measure_errors(const std::vector<float>& weights, const std::vector<float>& biases,
                    SharedLayer& shared) {
  double sum = 0.0;
  std::size_t nonzeros = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double error = static_cast<double>(shared.value(i)) - static_cast<double>(weights[i]);
    sum += error * error;
    nonzeros += weights[i] != 0.0F ? 1U : 0U;
    shared.largest_error = std::max(shared.largest_error, std::fabs(error));
  }
  for (std::size_t i = 0; i < biases.size(); ++i) {
    const double error =
        static_cast<double>(shared.codebook[shared.bias_codes[i]]) - static_cast<double>(biases[i]);
    shared.largest_error = std::max(shared.largest_error, std::fabs(error));
  }
  shared.mean_squared_error = nonzeros == 0 ? 0.0 : sum / static_cast<double>(nonzeros);
}

}  // namespace

SharedLayer share_layer(const std::vector<float>& weights, const std::vector<float>& codebook,
                        const std::vector<float>& biases, std::uint32_t index_bits) {
  const std::size_t most_values = std::size_t{1} << index_bits;
  SharedLayer shared = codebook.empty() ? clustered(weights, biases, most_values)
                                        : joined(weights, codebook, biases, most_values);
  if (shared.codebook.size() < 2) {
    shared.codebook.resize(2, 0.0F);  // a layer without any nonzero
  }
  measure_errors(weights, biases, shared);
  return shared;
}

}  // namespace lacuna
