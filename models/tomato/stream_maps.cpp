#include <algorithm>

#include <fmt/format.h>

#include "models/tomato/stream_rules.h"

namespace lacuna::tomato {
namespace {

constexpr std::uint32_t most_channels = 1U << 20;
constexpr std::uint32_t longest_side = 1U << 16;
constexpr std::uint64_t most_values = std::uint64_t{1} << 32;

}  // namespace

Stream StreamRules::source() const {
  if (unit_.format.kind == NumberKind::recentralised_shift) {
    throw error("recentralised shift is a format of weights", "another format");
  }
  if (unit_.interval_cycles < 1) {
    throw error("an interval of 0 cycles", "1 or more");
  }
  Stream stream;
  stream.map = unit_.map;
  check_map(stream.map);
  return coded(stream, unit_.format);
}

void StreamRules::check_extents(std::uint64_t height, std::uint64_t width, std::uint64_t channels) const {
  if (height < 1 || width < 1 || channels < 1 || height > longest_side || width > longest_side ||
      channels > most_channels || height * width * channels > most_values) {
    throw error(fmt::format("a map of {} x {} x {}", height, width, channels),
                "sides of 1 to 65536, 1 to 2^20 channels, together at most 2^32 values");
  }
}

Stream StreamRules::window() const {
  const WindowShape& w = unit_.window;
  Stream stream = input_pixel();
  const auto fits = [](std::uint32_t kernel, std::uint32_t before, std::uint32_t after, std::uint32_t side) {
    return kernel >= 1 && kernel <= 1024 && before <= 1024 && after <= 1024 &&
           kernel <= side + before + after;
  };
  if (w.stride < 1 || w.stride > longest_side || w.extra_lines > 1024 ||
      !fits(w.kernel_height, w.pad_top, w.pad_bottom, stream.map.height) ||
      !fits(w.kernel_width, w.pad_left, w.pad_right, stream.map.width)) {
    throw error(
        "the window does not fit its map",
        "kernels of 1 to 1024 that fit the padded map, paddings of at most 1024, stride >= 1, at most 1024 "
        "extra lines");
  }
  stream.map.height = w.output_height(stream.map.height);
  stream.map.width = w.output_width(stream.map.width);
  stream.taps = w.taps();
  stream.is_window = true;
  if (w.padding == Padding::zero) {
    stream.min_mantissa = std::min<std::int64_t>(stream.min_mantissa, 0);
    stream.max_mantissa = std::max<std::int64_t>(stream.max_mantissa, 0);
  }
  check_extents(stream.map.height, stream.map.width, stream.values_per_token());
  return stream;
}

Stream StreamRules::added() const {
  Stream stream = input(0);
  const Stream& other = input(1);
  if (!(stream.map == other.map) || stream.is_window || other.is_window) {
    throw error("the maps that it adds differ", "two streams of pixels of one shape");
  }
  const int exponent = std::min(stream.unit_exponent, other.unit_exponent);
  const auto aligned = [&](const Stream& s) {
    const int shift = s.unit_exponent - exponent;
    if (shift > widest_accumulator_bits) {
      throw error("the units of its inputs lie more than 62 bits apart");
    }
    const MantissaRange range = range_of(s);
    const auto factor = static_cast<long double>(std::int64_t{1} << shift);
    return MantissaRange{range.low * factor, range.high * factor};
  };
  const MantissaRange a = aligned(stream);
  const MantissaRange b = aligned(other);
  stream.unit_exponent = exponent;
  stream.is_gate = false;
  return accumulated(stream, {a.low + b.low, a.high + b.high});
}

Stream StreamRules::concatenated() const {
  Stream stream = input_pixel();
  for (std::size_t i = 1; i < plan_.inputs.size(); ++i) {
    const Stream& other = input(i);
    if (other.map.height != stream.map.height || other.map.width != stream.map.width || other.is_window ||
        other.unit_exponent != stream.unit_exponent) {
      throw error("the streams that it joins differ in map or unit",
                  "pixels of one height, width and unit exponent");
    }
    stream.map.channels += other.map.channels;
    stream.width_bits = std::max(stream.width_bits, other.width_bits);
    stream.min_mantissa = std::min(stream.min_mantissa, other.min_mantissa);
    stream.max_mantissa = std::max(stream.max_mantissa, other.max_mantissa);
    check_map(stream.map);
  }
  stream.is_gate = false;
  return stream;
}

Stream StreamRules::gate() const {
  Stream stream = input_pixel();
  if (stream.tokens_per_frame() != 1) {
    throw error("it chooses among channels of more than one pixel", "one pixel per frame");
  }
  if (unit_.winners < 1 || unit_.winners > stream.map.channels) {
    throw error(fmt::format("it keeps {} of {} channels", unit_.winners, stream.map.channels));
  }
  stream.is_gate = true;
  stream.min_mantissa = 0;
  stream.max_mantissa = std::max<std::int64_t>(stream.max_mantissa, 0);
  return stream;
}

Stream StreamRules::boosted() const {
  check_gate(1, input().map.channels);
  Stream stream = accumulated(input_pixel(), product(range_of(input()), range_of(input(1))));
  stream.unit_exponent += input(1).unit_exponent;
  stream.is_gate = false;
  return stream;
}

}  // namespace lacuna::tomato
