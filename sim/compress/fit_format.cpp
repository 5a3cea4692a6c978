#include "sim/compress/fit_format.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "sim/compress/focused.h"

namespace lacuna {
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
  return std::clamp(exponent, -40, 60);
}

FittedFormat fit_fixed(const std::vector<float>& weights, int width) {
  std::vector<NumberFormat> candidates;
  const int most = std::clamp(largest_exponent(weights), 0, width - 1);
  candidates.reserve(static_cast<std::size_t>(most) + 1);
  for (int point = 0; point <= most; ++point) {
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
    candidates.push_back(NumberFormat::dynamic_fixed(width, std::max(exponent - step, -64)));
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
  return std::clamp((1 << exponent_bits) - 1 - ceiling, -64, 64);
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
