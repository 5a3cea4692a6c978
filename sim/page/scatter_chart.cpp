#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/page/axis_ticks.h"
#include "sim/page/charts.h"
#include "sim/page/html.h"
#include "sim/page/svg.h"
#include "sim/report/markup_text.h"

namespace lacuna::page {
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

}  // namespace lacuna::page
