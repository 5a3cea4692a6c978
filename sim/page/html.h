#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lacuna::page {

/// A number with at most six significant digits, whole numbers in full.
std::string number_text(double value);

/// A table with its first row as head; rows may be shorter than the head. Cells are text and are escaped; all
/// columns but the first are set to the right.
std::string html_table(const std::vector<std::string>& head,
                       const std::vector<std::vector<std::string>>& rows);

/// A heading with what belongs to it, which is HTML.
std::string html_section(std::string_view heading, std::string_view body);

/// Text in a fixed-width font that is unfolded on demand.
std::string html_details(std::string_view heading, std::string_view text);

/// The whole page, style sheet included: it names no other file or address.
std::string html_page(std::string_view title, std::string_view body);

}  // namespace lacuna::page
