#include "sim/page/charts.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/page/html.h"
#include "sim/report/text_formats.h"

namespace lacuna::page {

std::vector<double> axis_ticks(double low, double high) {
  constexpr double wanted = 5.0;
  constexpr double rounding = 1e-9;      // 100.0000000001 % needs no tick beyond 100
  constexpr double least_share = 1e-12;  // finer differences are not shown
  const double least = std::max(least_share * std::max(std::abs(low), std::abs(high)), 1e-30);
  const double span =
      high > low ? std::max(high - low, least) : (high == 0.0 ? 1.0 : std::max(std::abs(high), least));
  const double rough = span / wanted;
  double unit = 1.0;
  while (unit > rough) {
    unit /= 10.0;
  }
  while (unit * 10.0 <= rough) {
    unit *= 10.0;
  }
  const double step = rough <= unit         ? unit
                      : rough <= 2.0 * unit ? 2.0 * unit
                      : rough <= 5.0 * unit ? 5.0 * unit
                                            : 10.0 * unit;
  const double first = std::floor(low / step + rounding);
  const double last = std::ceil((low + span) / step - rounding);
  std::vector<double> ticks;
  for (double i = first; i <= last; i += 1.0) {
    ticks.push_back(i * step);
  }
  return ticks;
}

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

namespace {

/// From values to 0..1.
class Scale {
 public:
  explicit Scale(const std::vector<double>& values) {
    constexpr double logarithmic_beyond = 50.0;
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    logarithmic_ = *low > 0.0 && *high > logarithmic_beyond * *low;
    if (logarithmic_) {
      for (double tick = std::pow(10.0, std::floor(std::log10(*low)));
           ticks_.empty() || ticks_.back() < *high; tick *= 10.0) {
        ticks_.push_back(tick);
      }
    } else {
      ticks_ = axis_ticks(*low, *high);
    }
  }
  const std::vector<double>& ticks() const { return ticks_; }
  double place(double value) const {
    return (shown(value) - shown(ticks_.front())) / (shown(ticks_.back()) - shown(ticks_.front()));
  }

 private:
  double shown(double value) const { return logarithmic_ ? std::log10(value) : value; }
  bool logarithmic_ = false;
  std::vector<double> ticks_;
};

Scale scale_of(const std::vector<ScatterPoint>& points, double ScatterPoint::*member) {
  std::vector<double> values(points.size());
  std::transform(points.begin(), points.end(), values.begin(),
                 [member](const ScatterPoint& point) { return point.*member; });
  return Scale(values);
}

std::string axes(const PlotArea& area, const ScatterChart& chart, const Scale& x_scale,
                 const Scale& y_scale) {
  std::string content;
  for (const double tick : x_scale.ticks()) {
    const double x = area.left + area.width * x_scale.place(tick);
    content += svg_line(x, area.top, x, area.top + area.height, "#e1e4e8");
    content += svg_text(x, area.top + area.height + 16, "middle", number_text(tick));
  }
  for (const double tick : y_scale.ticks()) {
    const double y = area.top + area.height * (1.0 - y_scale.place(tick));
    content += svg_line(area.left, y, area.left + area.width, y, "#e1e4e8");
    content += svg_text(area.left - 6, y + 4, "end", number_text(tick));
  }
  content += svg_text(area.left, area.top - 8, "start", chart.y_name);
  return content + svg_text(area.left + area.width, area.top + area.height + 34, "end", chart.x_name);
}

}  // namespace

std::string scatter_chart(const ScatterChart& chart) {
  if (chart.points.empty()) {
    return {};
  }
  constexpr PlotArea area{90, 26, 720, 400};
  const Scale x_scale = scale_of(chart.points, &ScatterPoint::x);
  const Scale y_scale = scale_of(chart.points, &ScatterPoint::y);
  std::string content = axes(area, chart, x_scale, y_scale);
  for (const bool marked : {false, true}) {
    for (const ScatterPoint& point : chart.points) {
      if (point.marked == marked) {
        content += fmt::format(
            "<circle cx=\"{:.2f}\" cy=\"{:.2f}\" r=\"{}\" fill=\"{}\"><title>{}</title></circle>\n",
            area.left + area.width * x_scale.place(point.x),
            area.top + area.height * (1.0 - y_scale.place(point.y)), marked ? "4.5" : "2.5",
            marked ? "#d55e00" : "#0072b2", markup_escaped(point.tooltip));
      }
    }
  }
  return svg_picture(area.left + area.width + 40, area.top + area.height + 44, content);
}

namespace {

std::string path_of(const Line& line, const PlotArea& area, const Scale& x_scale, const Scale& y_scale,
                    std::string_view colour) {
  std::string path;
  std::string dots;
  for (const auto& [x_value, y_value] : line.points) {
    const double x = area.left + area.width * x_scale.place(x_value);
    const double y = area.top + area.height * (1.0 - y_scale.place(y_value));
    path += fmt::format("{}{:.2f} {:.2f}", path.empty() ? "M" : "L", x, y);
    dots += fmt::format(
        "<circle cx=\"{:.2f}\" cy=\"{:.2f}\" r=\"2\" fill=\"{}\"><title>{}</title></circle>\n", x, y, colour,
        markup_escaped(fmt::format("{}, {}: {}", line.name, number_text(x_value), number_text(y_value))));
  }
  return fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\"/>\n", path, colour) + dots;
}

}  // namespace

std::string line_chart(const LineChart& chart) {
  constexpr double least_span = 5.0;  // below it ticks are no whole numbers
  std::vector<double> xs = {0.0, least_span};
  std::vector<double> ys;
  for (const Line& line : chart.lines) {
    for (const auto& [x, y] : line.points) {
      xs.push_back(x);
      ys.push_back(y);
    }
  }
  if (ys.empty()) {
    return {};
  }
  constexpr PlotArea area{90, 44, 860, 260};
  const Scale x_scale(xs);
  const Scale y_scale(ys);
  std::string content = axes(area, {chart.x_name, chart.y_name, {}}, x_scale, y_scale);
  for (const auto& [from, name] : chart.marks) {
    const double x = area.left + area.width * std::clamp(x_scale.place(from), 0.0, 1.0);
    content += svg_line(x, area.top, x, area.top + area.height, "#8c959f");
    content += svg_text(x + 3, area.top + 12, "start", name);
  }
  std::vector<std::string> names;
  for (std::size_t l = 0; l < chart.lines.size(); ++l) {
    content += path_of(chart.lines[l], area, x_scale, y_scale, series_colour(l));
    names.push_back(chart.lines[l].name);
  }
  content += svg_legend(area.left + 300, 18, names);
  return svg_picture(area.left + area.width + 40, area.top + area.height + 44, content);
}

}  // namespace lacuna::page
