#include "models/tomato/stream_rules.h"

#include <fmt/format.h>

#include "models/tomato/unit_traits.h"

namespace lacuna::tomato {

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

ConfigurationError StreamRules::error(const std::string& wrong, const std::string& allowed) const {
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

}  // namespace lacuna::tomato
