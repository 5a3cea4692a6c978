#include <algorithm>

#include <fmt/format.h>

#include "sim/page/axis_ticks.h"
#include "sim/page/charts.h"
#include "sim/page/html.h"
#include "sim/page/svg.h"

namespace lacuna::page {
namespace {

constexpr double row_height = 22;
constexpr double bar_height = 15;
constexpr double letter = 6.7;

double sum_at(const BarChart& chart, std::size_t category) {
  double sum = 0.0;
  for (const Series& series : chart.series) {
    sum += series.values[category];
  }
  return sum;
}

double largest_sum(const BarChart& chart) {
  double largest = 0.0;
  for (std::size_t i = 0; i < chart.categories.size(); ++i) {
    largest = std::max(largest, sum_at(chart, i));
  }
  return largest;
}

double name_width(const BarChart& chart) {
  std::size_t letters = 4;
  for (const std::string& name : chart.categories) {
    letters = std::max(letters, name.size());
  }
  return letter * static_cast<double>(letters) + 16;
}

std::string value_axis(const PlotArea& area, const std::vector<double>& ticks, const std::string& unit) {
  std::string content;
  for (const double tick : ticks) {
    const double x = area.left + area.width * tick / ticks.back();
    content += svg_line(x, area.top, x, area.top + area.height, "#e1e4e8");
    content += svg_text(x, area.top + area.height + 16, "middle", number_text(tick));
  }
  return content + svg_text(area.left + area.width / 2, area.top + area.height + 34, "middle", unit);
}

std::string bars(const BarChart& chart, const PlotArea& area, double scale) {
  std::string content;
  for (std::size_t i = 0; i < chart.categories.size(); ++i) {
    const double y = area.top + row_height * static_cast<double>(i) + (row_height - bar_height) / 2;
    double x = area.left;
    for (std::size_t s = 0; s < chart.series.size(); ++s) {
      const double value = chart.series[s].values[i];
      if (value > 0.0) {
        content += svg_rectangle(x, y, value * scale, bar_height, series_colour(s),
                                 fmt::format("{}, {}: {} {}", chart.categories[i], chart.series[s].name,
                                             number_text(value), chart.unit));
        x += value * scale;
      }
    }
    content += svg_text(area.left - 8, y + bar_height - 3, "end", chart.categories[i]);
    content += svg_text(x + 6, y + bar_height - 3, "start", number_text(sum_at(chart, i)));
  }
  return content;
}

std::vector<std::string> names_of(const BarChart& chart) {
  std::vector<std::string> names;
  for (const Series& series : chart.series) {
    names.push_back(series.name);
  }
  return names;
}

}  // namespace

std::string bar_chart(const BarChart& chart) {
  constexpr double width = 1000;
  constexpr double sum_width = 90;
  const double legend = chart.series.size() > 1 ? 26 : 4;
  PlotArea area;
  area.left = std::min(name_width(chart), width / 2);
  area.top = legend;
  area.width = width - area.left - sum_width;
  area.height = row_height * static_cast<double>(chart.categories.size());
  const std::vector<double> ticks = axis_ticks(0.0, largest_sum(chart));
  std::string content = value_axis(area, ticks, chart.unit) + bars(chart, area, area.width / ticks.back());
  if (chart.series.size() > 1) {
    content += svg_legend(area.left, 14, names_of(chart));
  }
  return svg_picture(width, area.top + area.height + 42, content);
}

}  // namespace lacuna::page
