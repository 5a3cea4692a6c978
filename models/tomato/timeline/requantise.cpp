#include "models/tomato/timeline/requantise.h"

#include <algorithm>
#include <cstddef>

#include "models/common/vector_clones.h"

namespace lacuna::tomato::timeline {
namespace {

/// A two's complement format and the rectifier as plain numbers.
struct IntegerGrid {
  int shift = 0;
  std::int64_t half = 0;      ///< that is added before the shift
  std::int64_t tie_mask = 0;  ///< bits below the last kept one where ties go to even; 0 elsewhere
  std::int64_t low = 0;       ///< of the format
  std::int64_t high = 0;
  std::int64_t rectified_low = 0;  ///< of the rectifier, or of the format
  std::int64_t rectified_high = 0;
};

IntegerGrid grid_of(const Requantisation& r) {
  IntegerGrid grid;
  grid.shift = static_cast<int>(r.shift);
  if (r.shift > 0 && r.rounding != Rounding::truncate) {
    grid.half = std::int64_t{1} << (r.shift - 1);
    grid.tie_mask = r.rounding == Rounding::nearest_even ? (std::int64_t{1} << r.shift) - 1 : 0;
  }
  grid.low = min_mantissa(r.format);
  grid.high = max_mantissa(r.format);
  grid.rectified_low = r.relu ? std::max<std::int64_t>(grid.low, 0) : grid.low;
  grid.rectified_high = r.relu ? std::min(grid.high, r.maximum.value_or(grid.high)) : grid.high;
  return grid;
}

/// One pixel; how many values the format clipped.
LACUNA_VECTOR_CLONES std::uint64_t round_pixel(const IntegerGrid& grid, const std::int64_t* scale,
                                               const std::int64_t* offset, std::size_t channels,
                                               const std::int64_t* values, std::int64_t* results) {
  const IntegerGrid g = grid;  // its own, so that no result can change it
  std::uint64_t clipped = 0;
  LACUNA_INDEPENDENT_LANES
  for (std::size_t c = 0; c < channels; ++c) {
    const std::int64_t sum = values[c] * scale[c] + offset[c] + g.half;
    const bool to_even = g.tie_mask != 0 && (sum & g.tie_mask) == 0;
    const std::int64_t rounded = (sum >> g.shift) & ~std::int64_t{to_even};
    const std::int64_t kept = std::min(std::max(rounded, g.low), g.high);
    clipped += kept == rounded ? 0 : 1;
    results[c] = std::min(std::max(rounded, g.rectified_low), g.rectified_high);
  }
  return clipped;
}

/// Whether the nearest number on a grid that went on beyond `largest` would be larger than it: halfway to the
/// next power of two, or to the next integer for ternary.
bool is_clipped(const Requantisation& r, std::int64_t t) {
  if (r.format.kind == NumberKind::binary) {
    return false;
  }
  // |t| / 2^shift >= 1.5 * largest: both kinds have their next number at or beyond twice the largest.
  const auto doubled = 2 * static_cast<std::uint64_t>(t < 0 ? -t : t);
  return (doubled >> r.shift) >= 3 * static_cast<std::uint64_t>(max_mantissa(r.format));
}

std::int64_t encode_nearest_code(const Requantisation& r, std::int64_t t, std::uint64_t& saturations) {
  saturations += is_clipped(r, t) ? 1 : 0;
  const int exponent = unit_exponent(r.format) - static_cast<int>(r.shift);
  return decode(r.format, encode(r.format, {t, exponent}, r.rounding));
}

/// A number for each channel, times `factor`.
std::vector<std::int64_t> of_channels(const std::vector<std::int32_t>& numbers, std::size_t channels,
                                      std::int64_t factor) {
  std::vector<std::int64_t> result(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    result[c] = numbers[numbers.size() == 1 ? 0 : c] * factor;
  }
  return result;
}

std::int64_t rectified(const Requantisation& r, std::int64_t value) {
  return r.relu ? std::min(std::max<std::int64_t>(value, 0), r.maximum.value_or(INT64_MAX)) : value;
}

}  // namespace

std::uint64_t requantise(const Requantisation& r, std::size_t channels,
                         const std::vector<std::int64_t>& values, std::vector<std::int64_t>& results) {
  const std::vector<std::int64_t> scale = of_channels(r.scale, channels, 1);
  const std::vector<std::int64_t> offset = of_channels(r.offset, channels, std::int64_t{1} << r.offset_shift);
  const bool integers = r.format.is_two_complement();
  const IntegerGrid grid = integers ? grid_of(r) : IntegerGrid{};
  std::uint64_t saturations = 0;
  for (std::size_t first = 0; first < values.size(); first += channels) {
    if (integers) {
      saturations +=
          round_pixel(grid, scale.data(), offset.data(), channels, &values[first], &results[first]);
      continue;
    }
    for (std::size_t c = 0; c < channels; ++c) {
      const std::int64_t t = values[first + c] * scale[c] + offset[c];
      results[first + c] = rectified(r, encode_nearest_code(r, t, saturations));
    }
  }
  return saturations;
}

}  // namespace lacuna::tomato::timeline
