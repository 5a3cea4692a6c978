#include "sim/page/html.h"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/page/web_files.h"
#include "sim/report/text_formats.h"

namespace lacuna::page {
namespace {

std::string cells_of(const std::vector<std::string>& cells) {
  std::string text;
  for (const std::string& cell : cells) {
    text += fmt::format("<td>{}</td>", markup_escaped(cell));
  }
  return text;
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
                       const std::vector<std::vector<std::string>>& rows, TableKind kind) {
  const std::string_view name = kind == TableKind::sortable ? " class=\"sortable\""
                                : kind == TableKind::words  ? " class=\"words\""
                                                            : "";
  std::string text = fmt::format("<div class=\"wide\"><table{}>\n<thead>", name);
  text += "<tr>";
  for (const std::string& cell : head) {
    text += fmt::format("<th scope=\"col\">{}</th>", markup_escaped(cell));
  }
  text += "</tr></thead>\n<tbody>\n";
  for (const std::vector<std::string>& row : rows) {
    text += "<tr>" + cells_of(row) + "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

std::string html_points_table(const std::vector<std::string>& head, const std::vector<PointRow>& rows) {
  std::string text = html_table(head, {}, TableKind::sortable);
  std::string body;
  for (const PointRow& row : rows) {
    body += fmt::format("<tr data-point=\"{}\">{}</tr>\n", markup_escaped(row.point), cells_of(row.cells));
  }
  const std::string end = "</tbody>";
  return text.insert(text.rfind(end), body);
}

std::string html_section(std::string_view heading, std::string_view body) {
  return fmt::format("<h2>{}</h2>\n{}", markup_escaped(heading), body);
}

std::string html_details(std::string_view heading, std::string_view text) {
  return fmt::format("<details><summary>{}</summary><pre>{}</pre></details>\n", markup_escaped(heading),
                     markup_escaped(text));
}

std::string html_picture(std::string_view name) {
  return fmt::format("<div class=\"picture\" data-picture=\"{}\"></div>\n", name);
}

std::string html_hint(std::string_view text) {
  return fmt::format("<p class=\"hint\">{}</p>\n", markup_escaped(text));
}

namespace {

/// JSON inside of an element: no letter that ends one, and well-formed as XML too.
std::string json_in_markup(const Json& json) {
  std::string text;
  for (const char letter : json.dump(-1, ' ', true)) {
    switch (letter) {
      case '<':
        text += "\\u003c";
        break;
      case '>':
        text += "\\u003e";
        break;
      case '&':
        text += "\\u0026";
        break;
      default:
        text += letter;
    }
  }
  return text;
}

std::string script(std::string_view text) {
  return fmt::format("<script>/*<![CDATA[*/\n{}\n/*]]>*/</script>\n", text);
}

}  // namespace

std::string html_pictured(const Json& data, const std::string& picture, std::string_view heading,
                          std::string_view hint) {
  if (member(data, picture).is_null()) {
    return {};
  }
  return html_section(heading, (hint.empty() ? std::string() : html_hint(hint)) + html_picture(picture));
}

std::string html_page(std::string_view title, std::string_view body, const Json& data) {
  return fmt::format(
             "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
             "<meta name=\"viewport\" content=\"width=device-width\"/>\n"
             "<link rel=\"icon\" href=\"data:,\"/>\n<title>{0}</title>\n<style>\n{1}</style>\n</head>\n"
             "<body>\n<h1>{0}</h1>\n"
             "<noscript><p class=\"hint\">The pictures of this page are drawn by a script, which is "
             "off.</p></noscript>\n",
             markup_escaped(title), page_style())
      .append(body)
      .append("<script type=\"application/json\" id=\"data\">")
      .append(json_in_markup(data))
      .append("</script>\n")
      .append(script(vega_script()))
      .append(script(page_script()))
      .append("</body>\n</html>\n");
}

}  // namespace lacuna::page
