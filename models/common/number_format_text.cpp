#include <array>
#include <charconv>
#include <vector>

#include "models/common/number_format.h"

namespace lacuna {
namespace {

constexpr const char* notations =
    "allowed are fixed(width, point), dynamic_fixed(width, exponent), shift(width, bias), "
    "recentralised_shift(width, bias, negative centre, positive centre), ternary(exponent), binary(exponent)";

struct Kind {
  const char* name;
  NumberKind kind;
  std::size_t arguments;
};

constexpr std::array<Kind, 6> kinds{{{"fixed", NumberKind::fixed, 2},
                                     {"dynamic_fixed", NumberKind::dynamic_fixed, 2},
                                     {"shift", NumberKind::shift, 2},
                                     {"recentralised_shift", NumberKind::recentralised_shift, 4},
                                     {"ternary", NumberKind::ternary, 1},
                                     {"binary", NumberKind::binary, 1}}};

std::vector<int> arguments_of(const NumberFormat& f) {
  switch (f.kind) {
    case NumberKind::fixed:
      return {f.width_bits, f.point};
    case NumberKind::dynamic_fixed:
      return {f.width_bits, f.exponent};
    case NumberKind::shift:
      return {f.width_bits, f.bias};
    case NumberKind::recentralised_shift:
      return {f.width_bits, f.bias, f.negative_centre, f.positive_centre};
    case NumberKind::ternary:
    case NumberKind::binary:
      break;
  }
  return {f.exponent};
}

NumberFormat make(NumberKind kind, const std::vector<int>& a) {
  switch (kind) {
    case NumberKind::fixed:
      return NumberFormat::fixed(a[0], a[1]);
    case NumberKind::dynamic_fixed:
      return NumberFormat::dynamic_fixed(a[0], a[1]);
    case NumberKind::shift:
      return NumberFormat::shift(a[0], a[1]);
    case NumberKind::recentralised_shift:
      return NumberFormat::recentralised_shift(a[0], a[1], a[2], a[3]);
    case NumberKind::ternary:
      return NumberFormat::ternary(a[0]);
    case NumberKind::binary:
      break;
  }
  return NumberFormat::binary(a[0]);
}

std::string without_spaces(const std::string& text) {
  std::string kept;
  for (const char c : text) {
    if (c != ' ' && c != '\t') {
      kept += c;
    }
  }
  return kept;
}

/// The integers of "a,b,c)"; false for anything else.
bool read_arguments(const std::string& text, std::size_t at, std::vector<int>& values) {
  const char* next = text.data() + at;
  const char* const end = text.data() + text.size();
  while (next != end) {
    int value = 0;
    const auto [rest, error] = std::from_chars(next, end, value);
    if (error != std::errc{} || rest == end) {
      return false;
    }
    values.push_back(value);
    if (*rest == ')') {
      return rest + 1 == end;
    }
    if (*rest != ',') {
      return false;
    }
    next = rest + 1;
  }
  return false;
}

}  // namespace

std::string to_text(const NumberFormat& format) {
  std::string text = kinds[static_cast<std::size_t>(format.kind)].name;
  const char* before = "(";
  for (const int argument : arguments_of(format)) {
    text += before + std::to_string(argument);
    before = ", ";
  }
  return text + ")";
}

NumberFormat parse_number_format(const std::string& text, const ErrorPlace& place) {
  const std::string plain = without_spaces(text);
  const std::size_t open = plain.find('(');
  for (const Kind& kind : kinds) {
    std::vector<int> values;
    if (open != std::string::npos && plain.compare(0, open, kind.name) == 0 &&
        read_arguments(plain, open + 1, values) && values.size() == kind.arguments) {
      const NumberFormat format = make(kind.kind, values);
      check_format(format, place);
      return format;
    }
  }
  throw ConfigurationError(place, "\"" + text + "\" is no number format", notations);
}

}  // namespace lacuna
