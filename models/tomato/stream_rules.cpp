#include "models/tomato/stream_rules.h"

#include <fmt/format.h>

namespace lacuna::tomato {

Stream StreamRules::output() const {
  switch (unit_.kind) {
    case UnitKind::source:
      return source();
    case UnitKind::window:
      return window();
    case UnitKind::convolution:
      return weighted(input_window(), input().map.channels * std::uint64_t{input().taps},
                      unit_.output_channels);
    case UnitKind::depthwise:
      return weighted(input_window(), input().taps, input().map.channels);
    case UnitKind::pointwise:
      return weighted(input_pixel(), input().map.channels, unit_.output_channels);
    case UnitKind::fully_connected:
      return collected(weighted(input_pixel(), input().values_per_token() * input().tokens_per_frame(),
                                unit_.output_channels));
    case UnitKind::max_pool:
      return pixel(input_window());
    case UnitKind::sum_pool:
      return accumulated(pixel(input_window()), sum(range_of(input()), input().taps));
    case UnitKind::global_sum_pool:
      return collected(accumulated(input_pixel(), sum(range_of(input()), input().tokens_per_frame())));
    case UnitKind::add:
      return added();
    case UnitKind::concat:
      return concatenated();
    case UnitKind::requantise:
      return requantised();
    case UnitKind::winners:
      return gate();
    case UnitKind::boost:
      return boosted();
    case UnitKind::fork:
    case UnitKind::link:
    case UnitKind::sink:
      break;
  }
  return input();
}

void StreamRules::check_gates() const {
  if (plan_.output_gate_input && unit_.kind != UnitKind::boost) {
    check_gate(*plan_.output_gate_input,
               unit_.kind == UnitKind::depthwise ? input().map.channels : unit_.output_channels);
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
