#include "sim/compress/represent.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "sim/compress/focused.h"

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
  SharedWeights shared = share_weights(weights, kmeans_options(options));
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
  result.note = fmt::format("k-means, {} initialisation, {} iterations{}", name_of(options.initialisation),
                            shared.iterations, shared.settled ? "" : ", not settled");
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

KmeansOptions kmeans_options(const RepresentationOptions& options) {
  KmeansOptions kmeans;
  kmeans.shared_values = (1U << options.bits) - 1;
  kmeans.initialisation = options.initialisation;
  kmeans.seed = options.seed;
  return kmeans;
}

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

namespace {

double magnitude(float weight) {
  return std::fabs(static_cast<double>(weight));
}

double squared_error(const std::vector<float>& weights, const NumberFormat& format) {
  double sum = 0.0;
  for (const float weight : weights) {
    const auto real = static_cast<double>(weight);
    const double error = real - to_real(format, encode_nearest(format, real));
    sum += error * error;
  }
  return sum;
}

/// The format with the least squared error among candidates; of equal ones the first.
NumberFormat best_of(const std::vector<float>& weights, const std::vector<NumberFormat>& candidates) {
  NumberFormat best = candidates.front();
  double least = std::numeric_limits<double>::infinity();
  for (const NumberFormat& each : candidates) {
    const double error = squared_error(weights, each);
    if (error < least) {
      least = error;
      best = each;
    }
  }
  return best;
}

/// Exponent e with 2^(e-1) <= largest < 2^e.
int largest_exponent(const std::vector<float>& weights) {
  double largest = 0.0;
  for (const float weight : weights) {
    largest = std::max(largest, magnitude(weight));
  }
  int exponent = 0;
  std::frexp(largest, &exponent);
  return std::clamp(exponent, -largest_format_exponent + 20, largest_format_exponent);
}

FittedFormat fit_fixed(const std::vector<float>& weights, int width) {
  constexpr int steps = 6;  // below the point that clips nothing
  std::vector<NumberFormat> candidates;
  candidates.reserve(steps);
  const int most = largest_exponent(weights);
  for (int point = most - steps + 1; point <= most; ++point) {
    candidates.push_back(NumberFormat::fixed(width, point));
  }
  FittedFormat fitted;
  fitted.code.format = best_of(weights, candidates);
  fitted.note = "point of the least squared error";
  return fitted;
}

FittedFormat fit_dynamic_fixed(const std::vector<float>& weights, int width) {
  constexpr int steps = 6;  // below the exponent that clips nothing
  std::vector<NumberFormat> candidates;
  candidates.reserve(steps);
  const int exponent = largest_exponent(weights) + 1 - width;
  for (int step = 0; step < steps; ++step) {
    candidates.push_back(
        NumberFormat::dynamic_fixed(width, std::max(exponent - step, -largest_format_exponent)));
  }
  FittedFormat fitted;
  fitted.code.format = best_of(weights, candidates);
  fitted.note = "exponent of the least squared error";
  return fitted;
}

FittedFormat fit_shift(const std::vector<float>& weights, int width) {
  FittedFormat fitted;
  const std::vector<double> values(weights.begin(), weights.end());
  fitted.code.format = NumberFormat::shift(width, shift_bias(values, width, width - 2));
  fitted.note = fmt::format("bias with which at most 1 in {} weights overflows", (1U << width) + 1);
  return fitted;
}

/// Of the weights whose magnitude is at least `above`.
double mean_magnitude(const std::vector<float>& weights, double above) {
  double sum = 0.0;
  std::uint64_t count = 0;
  for (const float weight : weights) {
    if (magnitude(weight) >= above) {
      sum += magnitude(weight);
      ++count;
    }
  }
  return count == 0 ? 0.0 : sum / static_cast<double>(count);
}

FittedFormat fit_ternary(const std::vector<float>& weights) {
  FittedFormat fitted;
  const double limit = 0.7 * mean_magnitude(weights, 0.0);
  fitted.code.format = NumberFormat::ternary(0);
  fitted.coding_scale = 2.0 * limit;  // the format rounds up from half a unit
  fitted.code.scale = mean_magnitude(weights, limit);
  fitted.note = fmt::format("zero below {:.4g}", limit);
  return fitted;
}

FittedFormat fit_binary(const std::vector<float>& weights) {
  FittedFormat fitted;
  fitted.code.format = NumberFormat::binary(0);
  fitted.code.scale = fitted.coding_scale = mean_magnitude(weights, 0.0);
  fitted.note = "sign and mean magnitude";
  return fitted;
}

}  // namespace

int shift_bias(const std::vector<double>& values, int width_bits, int exponent_bits) {
  std::vector<double> magnitudes(values.size());
  std::transform(values.begin(), values.end(), magnitudes.begin(),
                 [](double value) { return std::fabs(value); });
  const std::size_t overflow = values.size() / ((std::size_t{1} << width_bits) + 1);
  // The largest magnitude that must not overflow.
  const auto place = magnitudes.end() - 1 - static_cast<std::ptrdiff_t>(overflow);
  std::nth_element(magnitudes.begin(), place, magnitudes.end());
  int exponent = 0;
  const double fraction = std::frexp(*place, &exponent);
  const int ceiling = fraction == 0.5 ? exponent - 1 : exponent;  // *place <= 2^ceiling
  return std::clamp((1 << exponent_bits) - 1 - ceiling, -largest_format_exponent, largest_format_exponent);
}

FittedFormat fit_format(const std::vector<float>& nonzeros, const RepresentationOptions& options) {
  const int width = static_cast<int>(options.bits);
  switch (options.kind) {
    case Representation::fixed:
      return fit_fixed(nonzeros, width);
    case Representation::dynamic_fixed:
      return fit_dynamic_fixed(nonzeros, width);
    case Representation::shift:
      return fit_shift(nonzeros, width);
    case Representation::focused:
      return fit_focused(nonzeros, width, options.seed);
    case Representation::ternary:
      return fit_ternary(nonzeros);
    case Representation::binary:
      return fit_binary(nonzeros);
    case Representation::codebook:
      break;
  }
  throw ConfigurationError({"", 0, "representation"}, "codebook is no number format", "a number format");
}

}  // namespace lacuna
