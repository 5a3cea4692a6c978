#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sim/page/json_fields.h"

namespace lacuna::page {

/// A number with at most six significant digits, whole numbers in full.
std::string number_text(double value);

/// What a table is: figures, figures that a reader may sort by their columns, or words, which may be long.
enum class TableKind { figures, sortable, words };

/// A table; rows may be shorter than the head. Cells are text and are escaped; columns of figures but
/// the first are set to the right.
std::string html_table(const std::vector<std::string>& head,
                       const std::vector<std::vector<std::string>>& rows,
                       TableKind kind = TableKind::figures);

/// A row about a point of a sweep, which pictures show when the row is pointed at, and the other way.
struct PointRow {
  std::string point;
  std::vector<std::string> cells;
};
std::string html_points_table(const std::vector<std::string>& head, const std::vector<PointRow>& rows);

/// A heading with what belongs to it, which is HTML.
std::string html_section(std::string_view heading, std::string_view body);

/// Text in a fixed-width font that is unfolded on demand.
std::string html_details(std::string_view heading, std::string_view text);

/// The place of a picture that the page's script draws from the page's data; the names are those of `makers`
/// in web/page.js.
std::string html_picture(std::string_view name);

/// A line in small letters.
std::string html_hint(std::string_view text);

/// A section with a picture, and a hint where there is one; nothing where the page has no data for it.
std::string html_pictured(const Json& data, const std::string& picture, std::string_view heading,
                          std::string_view hint = {});

/// The whole page with style sheet, Vega and the script that draws `data`: it names no other file or address.
std::string html_page(std::string_view title, std::string_view body, const Json& data);

}  // namespace lacuna::page
