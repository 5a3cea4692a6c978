#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lacuna::page {

/// Some five round values (1, 2 or 5 times a power of ten apart) that span `low`..`high`, the first at or
/// below `low`, the last at or above `high`. Values within 1e33 either way, low <= high.
std::vector<double> axis_ticks(double low, double high);

/// A value for each category; not negative.
struct Series {
  std::string name;
  std::vector<double> values;
};

/// Bars, a category each, of stacked series.
struct BarChart {
  std::string unit;  ///< of the values' axis
  std::vector<std::string> categories;
  std::vector<Series> series;  ///< each with as many values as there are categories
};

/// Horizontal bars with the categories' names at the left and the sums at the right, as SVG.
std::string bar_chart(const BarChart& chart);

/// Columns for many categories, which are numbered from 0 and not named, as SVG.
std::string column_chart(const BarChart& chart);

struct ScatterPoint {
  double x = 0;
  double y = 0;
  std::string tooltip;
  bool marked = false;  ///< drawn large, above the others
};

struct ScatterChart {
  std::string x_name;
  std::string y_name;
  std::vector<ScatterPoint> points;
};

/// Points, as SVG. An axis is logarithmic when its values are positive and span more than a factor of 50.
std::string scatter_chart(const ScatterChart& chart);

/// Points that belong together, x ascending.
struct Line {
  std::string name;
  std::vector<std::pair<double, double>> points;
};

struct LineChart {
  std::string x_name;
  std::string y_name;
  std::vector<Line> lines;
  std::vector<std::pair<double, std::string>> marks;  ///< x from where on something of this name lasts
};

/// Lines with a legend, as SVG. x are counts from 0 on, such as epochs: the axis begins at 0. That of y is
/// logarithmic as in scatter_chart. Empty without points.
std::string line_chart(const LineChart& chart);

}  // namespace lacuna::page
