#include "models/tomato/stream_rules.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "models/tomato/unit_traits.h"

namespace lacuna::tomato {

MantissaRange range_of(const Stream& stream) {
  return {static_cast<long double>(stream.min_mantissa), static_cast<long double>(stream.max_mantissa)};
}

MantissaRange product(const MantissaRange& a, const MantissaRange& b) {
  const auto corners = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
  return {std::min(corners), std::max(corners)};
}

MantissaRange sum(const MantissaRange& value, std::uint64_t terms) {
  const auto count = static_cast<long double>(terms);
  return {std::min(0.0L, value.low * count), std::max(0.0L, value.high * count)};
}

int two_complement_bits(std::int64_t low, std::int64_t high) {
  int bits = 1;
  while (low < -(std::int64_t{1} << (bits - 1)) || high > (std::int64_t{1} << (bits - 1)) - 1) {
    ++bits;
  }
  return bits;
}

Stream StreamRules::output() const {
  return traits(unit_.kind).output(*this);
}

void StreamRules::check_gates() const {
  const UnitTraits& kind = traits(unit_.kind);
  if (plan_.output_gate_input && !kind.has_gate) {
    check_gate(*plan_.output_gate_input, kind.joins_channels ? unit_.output_channels : input().map.channels);
  }
  if (plan_.input_gate_input) {
    check_gate(*plan_.input_gate_input, input().map.channels);
  }
}

PipelineError StreamRules::error(const std::string& wrong, const std::string& allowed) const {
  return unit_error(pipeline_, unit_, wrong, allowed);
}

Stream StreamRules::input_window() const {
  if (!input().is_window) {
    throw error("its input is no window", "a sliding window stands before it");
  }
  return input();
}

Stream StreamRules::input_pixel() const {
  if (input().is_window) {
    throw error("its input is a window", "pixels");
  }
  return input();
}

Stream StreamRules::pixel(Stream stream) {
  stream.taps = 1;
  stream.is_window = false;
  return stream;
}

Stream StreamRules::collected(Stream stream) {
  stream.map.height = 1;
  stream.map.width = 1;
  return stream;
}

Stream StreamRules::accumulated(Stream stream, const MantissaRange& range) const {
  const auto limit = static_cast<long double>(std::int64_t{1} << (widest_accumulator_bits - 1));
  if (range.low < -limit || range.high >= limit) {
    throw error("its sums need more than 62 bits", "narrower formats or fewer terms");
  }
  stream.min_mantissa = static_cast<std::int64_t>(range.low);
  stream.max_mantissa = static_cast<std::int64_t>(range.high);
  stream.width_bits = two_complement_bits(stream.min_mantissa, stream.max_mantissa);
  return stream;
}

Stream StreamRules::coded(Stream stream, const NumberFormat& format) const {
  check_format(format, {{}, 0, unit_.name});
  stream.width_bits = format.width_bits;
  stream.unit_exponent = unit_exponent(format);
  stream.min_mantissa = min_mantissa(format);
  stream.max_mantissa = max_mantissa(format);
  return stream;
}

void StreamRules::check_gate(std::size_t number, std::uint32_t channels) const {
  const Stream& stream = input(number);
  if (!stream.is_gate || stream.map.channels != channels) {
    throw error(fmt::format("input {} is no gate of {} channels", number, channels), "the output of winners");
  }
}

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
  if (unit_.winner_lanes < 1 || unit_.winner_lanes > stream.map.channels) {
    throw error(fmt::format("its {} channels have {} lanes", stream.map.channels, unit_.winner_lanes));
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

Stream StreamRules::selected() const {
  Stream stream = input_pixel();
  const std::uint32_t channels = stream.map.channels;
  const bool all_there = std::all_of(unit_.selected.begin(), unit_.selected.end(),
                                     [&](std::uint32_t channel) { return channel < channels; });
  if (unit_.selected.empty() || unit_.selected.size() > most_channels || !all_there) {
    throw error("it selects no channels, or one that its input does not have",
                fmt::format("1 to 2^20 channels, each of 0 to {}", channels - 1));
  }
  stream.map.channels = static_cast<std::uint32_t>(unit_.selected.size());
  check_map(stream.map);
  stream.is_gate = false;
  return stream;
}

std::uint64_t StreamRules::joined_channels() const {
  const std::uint32_t channels = input().map.channels;
  if (unit_.groups < 1 || channels % unit_.groups != 0 || unit_.output_channels % unit_.groups != 0) {
    throw error(fmt::format("{} groups of {} input and {} output channels", unit_.groups, channels,
                            unit_.output_channels),
                "groups that divide both");
  }
  if (unit_.groups > 1 && (unit_.output_gate || unit_.input_gate)) {
    throw error(fmt::format("gates of an engine of {} groups", unit_.groups), "gates, or groups");
  }
  return lacuna::tomato::joined_channels(unit_, input());
}

Stream StreamRules::weighted(const Stream& from, std::uint64_t terms, std::uint32_t channels) const {
  const NumberFormat& format = unit_.weights.format;
  check_format(format, {{}, 0, unit_.name});
  const MantissaRange weight{static_cast<long double>(min_mantissa(format)),
                             static_cast<long double>(max_mantissa(format))};
  check_operand(weight, "weights");
  check_operand(range_of(from), "inputs");
  Stream stream = accumulated(pixel(from), sum(product(weight, range_of(from)), terms));
  stream.unit_exponent += unit_exponent(format);
  stream.is_gate = false;
  stream.map.channels = channels;
  check_map(stream.map);
  check_weights(terms * channels);
  return stream;
}

void StreamRules::check_operand(const MantissaRange& range, const char* what) const {
  if (range.low < static_cast<long double>(std::numeric_limits<std::int32_t>::min()) ||
      range.high > static_cast<long double>(std::numeric_limits<std::int32_t>::max())) {
    throw error(fmt::format("its {} have mantissas of more than 32 bits", what),
                "a requantisation before it");
  }
}

void StreamRules::check_weights(std::uint64_t count) const {
  const std::vector<std::int32_t>& mantissas = unit_.weights.mantissas;
  if (mantissas.empty()) {
    return;
  }
  if (mantissas.size() != count) {
    throw error(fmt::format("{} weights", mantissas.size()), fmt::format("{} or none", count));
  }
  // A minimum and a maximum apart become vector code, which std::minmax_element does not.
  std::int32_t low = mantissas.front();
  std::int32_t high = low;
  for (const std::int32_t mantissa : mantissas) {
    low = std::min(low, mantissa);
    high = std::max(high, mantissa);
  }
  if (low < min_mantissa(unit_.weights.format) || high > max_mantissa(unit_.weights.format)) {
    throw error("a weight lies outside its format " + to_text(unit_.weights.format));
  }
}

Stream StreamRules::requantised() const {
  const Requantisation& r = unit_.requantisation;
  if (r.format.kind == NumberKind::recentralised_shift) {
    throw error("recentralised shift is a format of weights", "another format");
  }
  Stream stream = coded(input_pixel(), r.format);
  stream.is_gate = false;
  check_scales(r.scale, stream.map.channels, "scales");
  check_scales(r.offset, stream.map.channels, "offsets");
  if (input().width_bits > 46 || r.shift > 62 || r.offset_shift > 45) {
    throw error("its input has more than 46 bits, or a shift is out of range",
                "shift 0..62, offset_shift 0..45");
  }
  if (r.relu) {
    if (r.format.kind == NumberKind::binary) {
      throw error("a rectifier in a format without a zero", "a binary layer has none");
    }
    stream.min_mantissa = 0;
    if (r.maximum) {
      check_maximum(r.format, *r.maximum);
      stream.max_mantissa = *r.maximum;
    }
  }
  return stream;
}

void StreamRules::check_scales(const std::vector<std::int32_t>& values, std::uint32_t channels,
                               const char* what) const {
  const bool fits = values.size() == 1 || values.size() == channels;
  const bool narrow = std::all_of(values.begin(), values.end(),
                                  [](std::int32_t value) { return value >= -32768 && value <= 32767; });
  if (!fits || !narrow) {
    throw error(
        fmt::format("its {} {} are not 16-bit, or not one or one for each channel", values.size(), what),
        fmt::format("1 or {} integers of 16 bits", channels));
  }
}

void StreamRules::check_maximum(const NumberFormat& format, std::int64_t maximum) const {
  const bool in_range = maximum >= 0 && maximum <= max_mantissa(format);
  const int unit = unit_exponent(format);
  if (!in_range || decode(format, encode(format, {maximum, unit}, Rounding::nearest)) != maximum) {
    throw error(fmt::format("the rectifier's maximum {} is no mantissa of {}", maximum, to_text(format)));
  }
}

}  // namespace lacuna::tomato
