#include <algorithm>

#include <fmt/format.h>

#include "sim/page/axis_ticks.h"
#include "sim/page/charts.h"
#include "sim/page/html.h"
#include "sim/page/svg.h"
#include "sim/report/markup_text.h"

namespace lacuna::page {
namespace {

std::string axes(const PlotArea& area, const BarChart& chart, const std::vector<double>& ticks) {
  std::string content;
  for (const double tick : ticks) {
    const double y = area.top + area.height * (1.0 - tick / ticks.back());
    content += svg_line(area.left, y, area.left + area.width, y, "#e1e4e8");
    content += svg_text(area.left - 6, y + 4, "end", number_text(tick));
  }
  const std::string last = number_text(static_cast<double>(chart.categories.size()) - 1.0);
  content += svg_text(area.left, area.top + area.height + 16, "start", "0");
  content += svg_text(area.left + area.width, area.top + area.height + 16, "end", last);
  return content + svg_text(area.left + area.width / 2, area.top + area.height + 16, "middle", chart.unit);
}

/// The outline of a series that lies on what is below it: one path, steps from column to column.
std::string layer_path(const PlotArea& area, const std::vector<double>& below,
                       const std::vector<double>& above, double highest, std::size_t series,
                       const std::string& name) {
  const double step = area.width / static_cast<double>(below.size());
  const auto y_of = [&](double value) { return area.top + area.height * (1.0 - value / highest); };
  std::string path;
  for (std::size_t i = 0; i < above.size(); ++i) {
    path +=
        fmt::format("{}{:.2f} {:.2f}H{:.2f}", i == 0 ? "M" : "L", area.left + step * static_cast<double>(i),
                    y_of(above[i]), area.left + step * static_cast<double>(i + 1));
  }
  for (std::size_t i = below.size(); i-- > 0;) {
    path += fmt::format("L{:.2f} {:.2f}H{:.2f}", area.left + step * static_cast<double>(i + 1),
                        y_of(below[i]), area.left + step * static_cast<double>(i));
  }
  return fmt::format("<path d=\"{}Z\" fill=\"{}\"><title>{}</title></path>\n", path, series_colour(series),
                     markup_escaped(name));
}

}  // namespace

std::string column_chart(const BarChart& chart) {
  constexpr double width = 1000;
  constexpr PlotArea area{90, 26, 900, 130};
  std::vector<double> sums(chart.categories.size(), 0.0);
  for (const Series& series : chart.series) {
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i] += series.values[i];
    }
  }
  const std::vector<double> ticks =
      axis_ticks(0.0, sums.empty() ? 0.0 : *std::max_element(sums.begin(), sums.end()));
  std::string content = axes(area, chart, ticks);
  std::vector<double> below(sums.size(), 0.0);
  std::vector<std::string> names;
  for (std::size_t s = 0; s < chart.series.size(); ++s) {
    std::vector<double> above = below;
    for (std::size_t i = 0; i < above.size(); ++i) {
      above[i] += chart.series[s].values[i];
    }
    content += layer_path(area, below, above, ticks.back(), s, chart.series[s].name);
    below = above;
    names.push_back(chart.series[s].name);
  }
  content += svg_legend(area.left, 14, names);
  return svg_picture(width, area.top + area.height + 24, content);
}

}  // namespace lacuna::page
