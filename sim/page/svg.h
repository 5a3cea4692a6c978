#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna::page {

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
