#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lacuna {

/// The first bytes of a text, at most `most_bytes`, cut between characters: of UTF-8 text no character is cut
/// in two, so that it can stand in JSON, YAML and messages.
inline std::string cut(std::string_view text, std::size_t most_bytes) {
  if (text.size() <= most_bytes) {
    return std::string(text);
  }
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U;
  };
  std::size_t end = most_bytes;
  for (std::size_t back = 0; back < 3 && end > 0 && continues(end); ++back) {
    --end;
  }
  return std::string(text.substr(0, continues(end) ? most_bytes : end));
}

/// Whether a text is well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, surrogates or numbers
/// above 10FFFF.
inline bool is_utf8(std::string_view text) {
  const auto byte = [&](std::size_t at) -> unsigned {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
  };
  for (std::size_t i = 0; i < text.size();) {
    const unsigned first = byte(i);
    const std::size_t length = first < 0x80U                     ? 1
                               : first >= 0xc2U && first < 0xe0U ? 2
                               : first >= 0xe0U && first < 0xf0U ? 3
                               : first >= 0xf0U && first < 0xf5U ? 4
                                                                 : 0;
    if (length == 0) {
      return false;
    }
    for (std::size_t k = 1; k < length; ++k) {
      if ((byte(i + k) & 0xc0U) != 0x80U) {
        return false;
      }
    }
    const unsigned second = byte(i + 1);
    const bool overlong = (first == 0xe0U && second < 0xa0U) || (first == 0xf0U && second < 0x90U);
    const bool outside = (first == 0xedU && second > 0x9fU) || (first == 0xf4U && second > 0x8fU);
    if (overlong || outside) {
      return false;
    }
    i += length;
  }
  return true;
}

}  // namespace lacuna
