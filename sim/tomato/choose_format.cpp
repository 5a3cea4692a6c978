#include "sim/tomato/choose_format.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "sim/compress/represent.h"

namespace lacuna::tomato {
namespace {

struct KindName {
  const char* name;
  NumberKind kind;
  int width_bits;  ///< 0: stated
};

constexpr KindName kinds[] = {{"fixed", NumberKind::fixed, 0},
                              {"dynamic_fixed", NumberKind::dynamic_fixed, 0},
                              {"shift", NumberKind::shift, 0},
                              {"recentralised_shift", NumberKind::recentralised_shift, 0},
                              {"ternary", NumberKind::ternary, 2},
                              {"binary", NumberKind::binary, 1}};

/// "kind(width)" or a bare "ternary" or "binary"; nothing if the text is anything else.
std::optional<NumberFormat> kind_and_width(const std::string& text) {
  for (const KindName& known : kinds) {
    NumberFormat format;
    format.kind = known.kind;
    format.width_bits = known.width_bits;
    if (known.width_bits > 0 && text == known.name) {
      return format;
    }
    const std::string start = std::string(known.name) + "(";
    const bool one_argument = known.width_bits == 0 && text.compare(0, start.size(), start) == 0 &&
                              text.size() <= start.size() + 3 && text.size() > start.size() + 1 &&
                              text.back() == ')';
    if (!one_argument) {
      continue;
    }
    const std::string number = text.substr(start.size(), text.size() - start.size() - 1);
    if (number.find_first_not_of("0123456789") == std::string::npos) {
      format.width_bits = std::stoi(number);
      return format;
    }
  }
  return std::nullopt;
}

/// The narrowest and widest code of a kind, as models/common/number_format.h says.
void check_width(const NumberFormat& format, const std::string& text, const ErrorPlace& place) {
  int least = 2;
  int most = 32;
  if (format.kind == NumberKind::shift) {
    least = 3;
    most = 7;
  } else if (format.kind == NumberKind::recentralised_shift) {
    least = 4;
    most = 8;
  } else if (!format.is_two_complement()) {
    return;
  }
  if (format.width_bits < least || format.width_bits > most) {
    throw ConfigurationError(place, fmt::format("'{}' has no such width", text),
                             fmt::format("allowed: {} to {} bits", least, most));
  }
}

RepresentationOptions representation(const NumberFormat& format, std::uint64_t seed) {
  RepresentationOptions options;
  options.bits = static_cast<std::uint32_t>(format.width_bits);
  options.seed = seed;
  switch (format.kind) {
    case NumberKind::fixed:
      options.kind = Representation::fixed;
      break;
    case NumberKind::dynamic_fixed:
      options.kind = Representation::dynamic_fixed;
      break;
    case NumberKind::shift:
      options.kind = Representation::shift;
      break;
    case NumberKind::recentralised_shift:
      options.kind = Representation::focused;
      break;
    case NumberKind::ternary:
      options.kind = Representation::ternary;
      break;
    case NumberKind::binary:
      options.kind = Representation::binary;
      break;
  }
  return options;
}

/// The mantissa of a weight that is zero.
std::int32_t zero_mantissa(const NumberFormat& format, const ErrorPlace& place) {
  if (format.kind == NumberKind::binary) {
    throw ConfigurationError(place, "binary weights have no zero, and the layer has pruned weights",
                             "ternary has one");
  }
  return 0;
}

QuantisedWeights encode_whole(const std::vector<float>& values, const NumberFormat& format,
                              const ErrorPlace& place) {
  QuantisedWeights result;
  result.weights.format = format;
  const double unit = std::ldexp(1.0, unit_exponent(format));
  double squares = 0.0;
  for (const float value : values) {
    const auto mantissa = value == 0.0F ? zero_mantissa(format, place)
                                        : static_cast<std::int32_t>(decode(format, encode_nearest(format, value)));
    result.weights.mantissas.push_back(mantissa);
    squares += std::pow(value - mantissa * unit, 2);
  }
  result.mean_squared_error = values.empty() ? 0.0 : squares / static_cast<double>(values.size());
  return result;
}

}  // namespace

FormatRequest parse_format_request(const std::string& text, const ErrorPlace& place) {
  FormatRequest request;
  request.text = text;
  std::string compact = text;
  compact.erase(std::remove(compact.begin(), compact.end(), ' '), compact.end());
  if (const auto format = kind_and_width(compact)) {
    check_width(*format, text, place);
    request.format = *format;
    return request;
  }
  request.format = parse_number_format(text, place);
  request.is_whole = true;
  check_format(request.format, place);
  return request;
}

QuantisedWeights quantise_weights(const std::vector<float>& values, const FormatRequest& request,
                                  std::uint64_t seed, const ErrorPlace& place) {
  if (request.is_whole) {
    return encode_whole(values, request.format, place);
  }
  const RepresentedWeights represented = represent_weights(values, representation(request.format, seed));
  QuantisedWeights result;
  result.weights.format = represented.code.format;
  result.scale = represented.code.scale;
  result.mean_squared_error = represented.mean_squared_error;
  result.weights.mantissas.reserve(values.size());
  for (const std::uint16_t code : represented.codes) {
    result.weights.mantissas.push_back(
        code == 0 ? zero_mantissa(result.weights.format, place)
                  : static_cast<std::int32_t>(
                        decode(result.weights.format, represented.code.format_code(code))));
  }
  return result;
}

NumberFormat activation_format(const FormatRequest& request, double largest, const ErrorPlace& place) {
  if (!request.format.is_two_complement()) {
    throw ConfigurationError(place, fmt::format("'{}' is no format of activations", request.text),
                             "fixed(width, point) or dynamic_fixed(width, exponent)");
  }
  if (request.is_whole) {
    return request.format;
  }
  const int width = request.format.width_bits;
  if (request.format.kind == NumberKind::fixed) {
    return NumberFormat::fixed(width, integer_bits_for(largest, width));
  }
  // The largest mantissa is 2^(width - 1) - 1.
  const int exponent = largest > 0.0 ? static_cast<int>(std::ceil(std::log2(largest / (std::ldexp(1.0, width - 1) - 1.0))))
                                     : -(width - 1);
  return NumberFormat::dynamic_fixed(width, std::clamp(exponent, -64, 64));
}

}  // namespace lacuna::tomato
