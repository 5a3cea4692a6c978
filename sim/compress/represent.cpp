#include "sim/compress/represent.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/compress/fit_format.h"

namespace lacuna {
namespace {

constexpr double no_noise_db = 999.0;

struct BitRange {
  std::uint32_t least = 1;
  std::uint32_t most = 8;
};

BitRange allowed_bits(Representation kind) {
  switch (kind) {
    case Representation::fixed:
    case Representation::dynamic_fixed:
      return {2, 16};
    case Representation::shift:
      return {3, 7};
    case Representation::focused:
      return {4, 8};
    default:
      return {1, 8};
  }
}

void check_bits(const RepresentationOptions& options) {
  const BitRange range = allowed_bits(options.kind);
  if (options.bits < range.least || options.bits > range.most) {
    throw ConfigurationError({"", 0, "weight_bits"}, std::to_string(options.bits),
                             fmt::format("{} to {} for this representation", range.least, range.most));
  }
}

std::vector<float> nonzeros_of(const std::vector<float>& weights) {
  std::vector<float> nonzeros;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!std::isfinite(weights[i])) {
      throw InputDataError({"", 0, "weights"}, "element " + std::to_string(i) + " is not a finite number",
                           "finite numbers");
    }
    if (weights[i] != 0.0F) {
      nonzeros.push_back(weights[i]);
    }
  }
  return nonzeros;
}

/// Error of codes that stand for weights.
class ErrorSum {
 public:
  void add(double weight, double value) {
    const double error = weight - value;
    squares_ += weight * weight;
    errors_ += error * error;
    largest_ = std::max(largest_, std::fabs(error));
    ++count_;
  }
  void store(RepresentedWeights& result) const {
    result.mean_squared_error = count_ == 0 ? 0.0 : errors_ / static_cast<double>(count_);
    result.largest_error = largest_;
    result.signal_to_noise_db = errors_ > 0.0 ? 10.0 * std::log10(squares_ / errors_) : no_noise_db;
  }

 private:
  double squares_ = 0.0;
  double errors_ = 0.0;
  double largest_ = 0.0;
  std::uint64_t count_ = 0;
};

RepresentedWeights by_codebook(const std::vector<float>& weights, const RepresentationOptions& options) {
  KmeansOptions kmeans;
  kmeans.shared_values = (1U << options.bits) - 1;
  kmeans.initialisation = options.initialisation;
  kmeans.seed = options.seed;
  SharedWeights shared = share_weights(weights, kmeans);
  RepresentedWeights result;
  result.code.codebook = std::move(shared.codebook);
  result.code.codebook_bits = options.bits;
  result.codes.assign(shared.codes.begin(), shared.codes.end());
  ErrorSum error;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] != 0.0F) {
      error.add(static_cast<double>(weights[i]), static_cast<double>(result.code.codebook[result.codes[i]]));
    }
  }
  error.store(result);
  result.note = fmt::format("k-means, {} iterations", shared.iterations);
  return result;
}

std::uint32_t code_of(const FittedFormat& fitted, double number, std::size_t nonzero) {
  if (fitted.components.empty()) {
    return encode_nearest(fitted.code.format, number);
  }
  return encode_in_component(fitted.code.format, fitted.components[nonzero], exact(number));
}

RepresentedWeights by_format(const std::vector<float>& weights, const std::vector<float>& nonzeros,
                             const RepresentationOptions& options) {
  FittedFormat fitted = fit_format(nonzeros, options);
  check_format(fitted.code.format, {"", 0, "representation"});
  RepresentedWeights result;
  result.code = fitted.code;
  result.note = fitted.note;
  result.codes.assign(weights.size(), 0);
  const NumberFormat& format = fitted.code.format;
  const double largest = std::ldexp(static_cast<double>(max_mantissa(format)), unit_exponent(format));
  const double smallest = std::ldexp(static_cast<double>(min_mantissa(format)), unit_exponent(format));
  ErrorSum error;
  std::size_t nonzero = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == 0.0F) {
      continue;
    }
    const double number = static_cast<double>(weights[i]) / fitted.coding_scale;
    const std::uint16_t stored = fitted.code.stored_code(code_of(fitted, number, nonzero++));
    const float value = fitted.code.value(stored);
    result.codes[i] = value == 0.0F ? std::uint16_t{0} : stored;
    result.rounded_to_zero += value == 0.0F ? 1 : 0;
    result.clipped += number > largest || number < smallest ? 1 : 0;
    error.add(static_cast<double>(weights[i]), static_cast<double>(value));
  }
  error.store(result);
  return result;
}

}  // namespace

RepresentedWeights represent_weights(const std::vector<float>& weights,
                                     const RepresentationOptions& options) {
  check_bits(options);
  const std::vector<float> nonzeros = nonzeros_of(weights);
  // A layer of zeros has nothing to fit a format to; a codebook has at least one shared value.
  if (options.kind == Representation::codebook || nonzeros.empty()) {
    RepresentationOptions codebook = options;
    codebook.bits = std::min(options.bits, 8U);
    return by_codebook(weights, codebook);
  }
  return by_format(weights, nonzeros, options);
}

}  // namespace lacuna
