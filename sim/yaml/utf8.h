#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace lacuna {

/// Position of the first byte that is not part of well-formed UTF-8 or is a control character other than tab,
/// line feed and carriage return; nothing if all is well.
std::optional<std::size_t> first_bad_byte(std::string_view text);

}  // namespace lacuna
