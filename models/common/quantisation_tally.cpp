#include "models/common/quantisation_tally.h"

#include <algorithm>
#include <cmath>

namespace lacuna {

void QuantisationTally::add(double value, double held, bool clips, std::uint64_t times) {
  if (times == 0) {
    return;
  }
  const auto count = static_cast<double>(times);
  const double error = held - value;
  signal += count * value * value;
  noise += count * error * error;
  largest_error = std::max(largest_error, std::fabs(error));
  values += value != 0.0 ? times : 0;
  clipped += clips ? times : 0;
  vanished += value != 0.0 && held == 0.0 ? times : 0;
}

std::int64_t QuantisationTally::add(double value, const FixedFormat& format, std::uint64_t times) {
  if (value == 0.0) {
    return 0;  // is in every format, and counts nowhere
  }
  const std::int64_t raw = quantise(value, format);
  add(value, to_real(raw, format), clips(value, format), times);
  return raw;
}

QuantisationTally& QuantisationTally::operator+=(const QuantisationTally& other) {
  values += other.values;
  clipped += other.clipped;
  vanished += other.vanished;
  signal += other.signal;
  noise += other.noise;
  largest_error = std::max(largest_error, other.largest_error);
  return *this;
}

double QuantisationTally::clipped_share() const {
  return values == 0 ? 0.0 : static_cast<double>(clipped) / static_cast<double>(values);
}

double QuantisationTally::vanished_share() const {
  return values == 0 ? 0.0 : static_cast<double>(vanished) / static_cast<double>(values);
}

std::optional<double> QuantisationTally::error_db() const {
  if (!(signal > 0.0) || !(noise > 0.0)) {
    return std::nullopt;
  }
  constexpr double decibel = 10.0;
  return decibel * std::log10(noise / signal);
}

bool clips(double value, const FixedFormat& format) {
  const double scaled = std::round(std::ldexp(value, format.fraction_bits()));
  return scaled > static_cast<double>(format.max_raw()) || scaled < static_cast<double>(format.min_raw());
}

}  // namespace lacuna
