#include "models/tomato/arithmetic.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "models/common/vector_clones.h"
#include "models/tomato/unit_traits.h"

namespace lacuna::tomato {
namespace {

LACUNA_VECTOR_CLONES std::int64_t narrow_dot(const std::int32_t* a, const std::int32_t* b,
                                             std::size_t count) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    sum += a[i] * b[i];
  }
  return sum;
}

LACUNA_VECTOR_CLONES std::int64_t wide_dot(const std::int32_t* a, const std::int32_t* b, std::size_t count) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    sum += static_cast<std::int64_t>(a[i]) * b[i];
  }
  return sum;
}

/// Encodes as `encode` does and says whether the nearest number was clipped.
std::int64_t encode_mantissa(const NumberFormat& format, ExactNumber value, Rounding rounding,
                             bool& clipped) {
  if (!format.is_two_complement()) {
    const std::int64_t mantissa = decode(format, encode(format, value, rounding));
    // One and a half times the largest magnitude rounds to what would be the next one.
    const int down = unit_exponent(format) - value.exponent;
    const std::int64_t magnitude = value.mantissa < 0 ? -value.mantissa : value.mantissa;
    clipped =
        format.kind != NumberKind::binary &&
        (magnitude >> down) * 2 + ((down > 0 ? magnitude >> (down - 1) : 0) & 1) >= 3 * max_mantissa(format);
    return mantissa;
  }
  const std::int64_t rounded = round_shift(value.mantissa, unit_exponent(format) - value.exponent, rounding);
  const std::int64_t mantissa = std::clamp(rounded, min_mantissa(format), max_mantissa(format));
  clipped = mantissa != rounded;
  return mantissa;
}

}  // namespace

DotProducts::DotProducts(const Unit& unit, const Stream& input, const Stream& output)
    : unit_(unit),
      narrow_(output.width_bits <= 32),
      channels_(input.map.channels),
      joined_(joined_channels(unit, input)),
      taps_(input.taps),
      operands_(input.values_per_token()) {}

void DotProducts::multiply(const Values& input, const Gate& input_gate, const Gate& output_gate, Values& sums,
                           std::uint64_t pixel, std::uint64_t pixels, bool accumulate) {
  const std::size_t terms = joined_ * taps_;
  std::size_t next = 0;
  for (std::size_t first = 0; first < channels_; first += joined_) {
    for (std::size_t tap = 0; tap < taps_; ++tap) {
      for (std::size_t channel = first; channel < first + joined_; ++channel) {
        const std::int64_t value = input[tap * channels_ + channel];
        operands_[next++] = is_open(input_gate, channel) ? static_cast<std::int32_t>(value) : 0;
      }
    }
  }
  const std::size_t group_outputs = unit_.output_channels * joined_ / channels_;
  sums.resize(unit_.output_channels);
  const std::int32_t* weights = unit_.weights.mantissas.data() + pixel * terms;
  for (std::size_t o = 0; o < sums.size(); ++o, weights += pixels * terms) {
    const std::int64_t before = accumulate ? sums[o] : 0;
    if (!is_open(output_gate, o)) {
      sums[o] = 0;
      continue;
    }
    const std::int32_t* const operands = operands_.data() + o / group_outputs * terms;
    sums[o] = before + (narrow_ ? narrow_dot(weights, operands, terms) : wide_dot(weights, operands, terms));
  }
}

void select_channels(const Unit& unit, const Values& pixel, Values& selected) {
  selected.clear();
  for (const std::uint32_t channel : unit.selected) {
    selected.push_back(pixel[channel]);
  }
}

void multiply_depthwise(const Unit& unit, const Stream& input, const Values& window, const Gate& gate,
                        Values& sums) {
  const std::size_t channels = input.map.channels;
  sums.assign(channels, 0);
  for (std::size_t c = 0; c < channels; ++c) {
    if (!is_open(gate, c)) {
      continue;
    }
    const std::int32_t* weights = unit.weights.mantissas.data() + c * input.taps;
    for (std::size_t tap = 0; tap < input.taps; ++tap) {
      sums[c] += weights[tap] * window[tap * channels + c];
    }
  }
}

void pool_largest(const Stream& input, const Values& window, Values& largest) {
  const std::size_t channels = input.map.channels;
  largest.assign(window.begin(), window.begin() + static_cast<std::ptrdiff_t>(channels));
  for (std::size_t i = channels; i < window.size(); ++i) {
    largest[i % channels] = std::max(largest[i % channels], window[i]);
  }
}

void pool_sums(const Stream& input, const Values& window, Values& sums) {
  const std::size_t channels = input.map.channels;
  sums.assign(channels, 0);
  for (std::size_t i = 0; i < window.size(); ++i) {
    sums[i % channels] += window[i];
  }
}

void add_to(Values& sums, const Values& pixel) {
  sums.resize(pixel.size(), 0);
  for (std::size_t i = 0; i < pixel.size(); ++i) {
    sums[i] += pixel[i];
  }
}

void add_aligned(const Stream& a, const Values& x, const Stream& b, const Values& y, Values& sums) {
  const int unit = std::min(a.unit_exponent, b.unit_exponent);
  const std::int64_t factor_a = std::int64_t{1} << (a.unit_exponent - unit);
  const std::int64_t factor_b = std::int64_t{1} << (b.unit_exponent - unit);
  sums.resize(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    sums[i] = x[i] * factor_a + y[i] * factor_b;
  }
}

std::uint64_t requantise(const Requantisation& r, Values& values) {
  const int exponent = unit_exponent(r.format) - static_cast<int>(r.shift);
  std::uint64_t saturations = 0;
  for (std::size_t c = 0; c < values.size(); ++c) {
    const std::int64_t scale = r.scale[r.scale.size() == 1 ? 0 : c];
    const std::int64_t offset = r.offset[r.offset.size() == 1 ? 0 : c];
    const std::int64_t scaled = values[c] * scale + offset * (std::int64_t{1} << r.offset_shift);
    bool clipped = false;
    std::int64_t mantissa = encode_mantissa(r.format, {scaled, exponent}, r.rounding, clipped);
    saturations += clipped ? 1 : 0;
    if (r.relu) {
      mantissa = std::max<std::int64_t>(mantissa, 0);
      mantissa = std::min(mantissa, r.maximum.value_or(mantissa));
    }
    values[c] = mantissa;
  }
  return saturations;
}

void keep_winners(std::uint32_t winners, std::uint32_t lanes, Values& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] > values[b]; });
  std::vector<std::uint32_t> turns(lanes);
  for (std::uint32_t step = 0; step < winners; ++step) {
    ++turns[step % lanes];
  }
  for (const std::size_t channel : order) {
    std::uint32_t& left = turns[channel % lanes];
    if (left == 0 || values[channel] < 0) {
      values[channel] = 0;
    }
    left -= left == 0 ? 0 : 1;
  }
}

Gate winners_without_values(std::uint32_t winners, std::uint32_t channels) {
  Gate gate(channels, 0);
  std::fill_n(gate.begin(), winners, 1);
  return gate;
}

OpenChannels open_channels(const Gate& gate, std::uint32_t channels, std::uint32_t lanes) {
  std::vector<std::uint64_t> in_lane(lanes, 0);
  OpenChannels open;
  for (std::uint32_t c = 0; c < channels; ++c) {
    if (is_open(gate, c)) {
      ++open.count;
      open.steps = std::max(open.steps, ++in_lane[c % lanes]);
    }
  }
  return open;
}

}  // namespace lacuna::tomato
