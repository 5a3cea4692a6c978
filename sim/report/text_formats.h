#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace lacuna {

/// A field of a CSV line: in quotes, as RFC 4180 asks, where it holds commas, quotes or line breaks.
std::string csv_quoted(const std::string& text);

/// Text as XML 1.0 and HTML allow it in attributes within double quotes and between tags: & < > " as
/// entities, control characters other than line feed and tab as question marks.
std::string markup_escaped(std::string_view text);

/// JSON text with two blanks per level; arrays of plain values stay on one line. Ends with a line feed.
std::string pretty_json(const nlohmann::ordered_json& value);

}  // namespace lacuna
