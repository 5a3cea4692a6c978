#include "sim/yaml/utf8.h"

#include <boost/locale/utf.hpp>

namespace lacuna {
namespace {

using Utf8 = boost::locale::utf::utf_traits<char>;

bool is_allowed(boost::locale::utf::code_point point) {
  const bool malformed = point == boost::locale::utf::illegal || point == boost::locale::utf::incomplete;
  const bool control = (point < 0x20 && point != '\t' && point != '\n' && point != '\r') || point == 0x7f;
  return !malformed && !control;
}

}  // namespace

std::optional<std::size_t> first_bad_byte(std::string_view text) {
  const char* position = text.data();
  const char* const end = position + text.size();
  while (position != end) {
    const char* const start = position;
    if (!is_allowed(Utf8::decode(position, end))) {
      return static_cast<std::size_t>(start - text.data());
    }
  }
  return std::nullopt;
}

}  // namespace lacuna
