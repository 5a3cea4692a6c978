#pragma once

#include <cstdint>
#include <optional>

#include "models/common/fixed_point.h"

namespace lacuna {

/// What became of real numbers in a format, or of results against what floating point gives. Zeros are exact
/// and not counted.
struct QuantisationTally {
  std::uint64_t values = 0;    ///< that are not zero
  std::uint64_t clipped = 0;   ///< outside the format's range: held as its end
  std::uint64_t vanished = 0;  ///< held as zero
  double signal = 0.0;         ///< sum of squares of the values
  double noise = 0.0;          ///< sum of squares of the errors
  double largest_error = 0.0;

  /// Adds a value that occurs `times` times and became `held`.
  void add(double value, double held, bool clips, std::uint64_t times = 1);
  /// The same in a format; returns the raw value.
  std::int64_t add(double value, const FixedFormat& format, std::uint64_t times = 1);
  QuantisationTally& operator+=(const QuantisationTally& other);

  /// Of the values; 0 where there are none.
  double clipped_share() const;
  double vanished_share() const;
  /// Power of the errors over power of the values, in decibel; nothing where either is zero.
  std::optional<double> error_db() const;
};

/// Whether the nearest raw value of a number lies outside the format.
bool clips(double value, const FixedFormat& format);

}  // namespace lacuna
