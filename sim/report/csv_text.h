#pragma once

#include <string>

namespace lacuna {

/// A field of a CSV line: in quotes, as RFC 4180 asks, where it holds commas, quotes or line breaks.
std::string csv_quoted(const std::string& text);

}  // namespace lacuna
