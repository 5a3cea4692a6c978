#include "sim/page/svg.h"

#include <array>

#include <fmt/format.h>

#include "sim/page/html.h"
#include "sim/report/markup_text.h"

namespace lacuna::page {

std::string_view series_colour(std::size_t series) {
  static constexpr std::array<std::string_view, 9> colours = {
      "#0072b2", "#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#d55e00", "#f0e442", "#999999", "#44475a"};
  return colours[series % colours.size()];
}

std::string svg_picture(double width, double height, std::string_view content) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" "
      "role=\"img\">\n{2}</svg>\n",
      width, height, content);
}

std::string svg_rectangle(double x, double y, double width, double height, std::string_view colour,
                          std::string_view tooltip) {
  return fmt::format(
      "<rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" "
      "fill=\"{}\"><title>{}</title></rect>\n",
      x, y, width, height, colour, markup_escaped(tooltip));
}

std::string svg_line(double x1, double y1, double x2, double y2, std::string_view colour) {
  return fmt::format("<line x1=\"{:.2f}\" y1=\"{:.2f}\" x2=\"{:.2f}\" y2=\"{:.2f}\" stroke=\"{}\"/>\n", x1,
                     y1, x2, y2, colour);
}

std::string svg_text(double x, double y, std::string_view anchor, std::string_view text) {
  return fmt::format("<text x=\"{:.2f}\" y=\"{:.2f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor,
                     markup_escaped(text));
}

std::string svg_legend(double x, double y, const std::vector<std::string>& names) {
  constexpr double box = 10;
  constexpr double letter = 7.2;
  constexpr double gap = 26;
  std::string content;
  for (std::size_t i = 0; i < names.size(); ++i) {
    content += svg_rectangle(x, y - box, box, box, series_colour(i), names[i]);
    content += svg_text(x + box + 4, y, "start", names[i]);
    x += box + gap + letter * static_cast<double>(names[i].size());
  }
  return content;
}

}  // namespace lacuna::page
