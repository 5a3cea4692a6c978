#pragma once

#include <cstddef>
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

/// Where a chart's data lie in its picture, in pixels of the picture's own scale.
struct PlotArea {
  double left = 0;
  double top = 0;
  double width = 0;
  double height = 0;
};

/// Colours that the colour-blind can tell apart (Okabe and Ito), repeated when they run out.
std::string_view series_colour(std::size_t series);

std::string svg_picture(double width, double height, std::string_view content);
std::string svg_rectangle(double x, double y, double width, double height, std::string_view colour,
                          std::string_view tooltip);
std::string svg_line(double x1, double y1, double x2, double y2, std::string_view colour);
/// `anchor`: start, middle or end.
std::string svg_text(double x, double y, std::string_view anchor, std::string_view text);

/// Names of series with their colours, one line from `x`, `y` on.
std::string svg_legend(double x, double y, const std::vector<std::string>& names);

}  // namespace lacuna::page
