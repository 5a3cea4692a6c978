#include "sim/page/html.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "sim/report/text_formats.h"

namespace lacuna::page {
namespace {

constexpr std::string_view style_sheet = R"(
body { font: 15px/1.45 system-ui, sans-serif; color: #1b1f24; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: .2rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid #d5d9de; }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
p.about { color: #57606a; margin-top: 0; }
div.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .6rem; border-bottom: 1px solid #e6e8eb; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
th { border-bottom-color: #57606a; }
svg { max-width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: #1b1f24; }
pre { font-size: .8rem; background: #f6f8fa; padding: .8rem; overflow-x: auto; }
)";

std::string row_of(std::string_view tag, const std::vector<std::string>& cells) {
  std::string text = "<tr>";
  for (const std::string& cell : cells) {
    text += fmt::format("<{0}>{1}</{0}>", tag, markup_escaped(cell));
  }
  return text + "</tr>\n";
}

}  // namespace

std::string number_text(double value) {
  constexpr double exact_below = 1e15;
  if (std::abs(value) < exact_below && value == std::floor(value)) {
    return fmt::format("{}", static_cast<long long>(value));
  }
  return fmt::format("{:.6g}", value);
}

std::string html_table(const std::vector<std::string>& head,
                       const std::vector<std::vector<std::string>>& rows) {
  std::string text = "<div class=\"wide\"><table>\n" + row_of("th", head);
  for (const std::vector<std::string>& row : rows) {
    text += row_of("td", row);
  }
  return text + "</table></div>\n";
}

std::string html_section(std::string_view heading, std::string_view body) {
  return fmt::format("<h2>{}</h2>\n{}", markup_escaped(heading), body);
}

std::string html_details(std::string_view heading, std::string_view text) {
  return fmt::format("<details><summary>{}</summary><pre>{}</pre></details>\n", markup_escaped(heading),
                     markup_escaped(text));
}

std::string html_page(std::string_view title, std::string_view body) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" "
      "content=\"width=device-width\"/>\n<title>{0}</title>\n<style>{1}</style>\n</head>\n"
      "<body>\n<h1>{0}</h1>\n{2}</body>\n</html>\n",
      markup_escaped(title), style_sheet, body);
}

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
