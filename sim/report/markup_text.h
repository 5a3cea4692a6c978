#pragma once

#include <string>
#include <string_view>

namespace lacuna {

/// Text as XML 1.0 and HTML allow it in attributes within double quotes and between tags: & < > " as
/// entities, control characters other than line feed and tab as question marks.
std::string markup_escaped(std::string_view text);

}  // namespace lacuna
