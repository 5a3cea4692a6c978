#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "sim/page/html.h"
#include "sim/page/json_fields.h"
#include "sim/page/layer_bars.h"
#include "sim/page/pages.h"
#include "sim/report/pareto.h"
#include "sim/report/text_formats.h"

namespace lacuna::page {
namespace {

struct Objective {
  std::string metric;
  bool maximise = false;
};

struct FoundPoint {
  const Json* json = nullptr;
  std::vector<double> values;  ///< of the objectives, as they are
  bool on_front = false;
};

std::vector<Objective> objectives_of(const Json& sweep) {
  std::vector<Objective> objectives;
  for (const Json& objective : member(sweep, "objectives")) {
    objectives.push_back(
        {scalar_text(member(objective, "metric")), scalar_text(member(objective, "goal")) == "max"});
  }
  return objectives;
}

/// Points that have every objective.
std::vector<FoundPoint> points_of(const Json& sweep, const std::vector<Objective>& objectives) {
  std::vector<FoundPoint> points;
  for (const Json& json : member(sweep, "points")) {
    FoundPoint point{&json, {}, false};
    for (const Objective& objective : objectives) {
      const std::optional<double> value = number(member(member(json, "totals"), objective.metric));
      if (value) {
        point.values.push_back(*value);
      }
    }
    if (scalar_text(member(json, "status")) == "ok" && point.values.size() == objectives.size()) {
      points.push_back(point);
    }
  }
  return points;
}

void mark_front(std::vector<FoundPoint>& points, const std::vector<Objective>& objectives) {
  std::vector<std::vector<double>> costs;
  for (const FoundPoint& point : points) {
    std::vector<double> cost = point.values;
    for (std::size_t i = 0; i < cost.size(); ++i) {
      cost[i] = objectives[i].maximise ? -cost[i] : cost[i];
    }
    costs.push_back(std::move(cost));
  }
  for (const std::size_t position : pareto_front(costs)) {
    points[position].on_front = true;
  }
}

/// What pictures of a sweep may plot: columns of values, null where a point has none.
struct Columns {
  std::vector<std::string> names;
  std::vector<bool> is_axis;
  std::size_t left_out = 0;  ///< metrics for which a page has no room
};

constexpr std::size_t most_numbers = 400'000;
constexpr std::size_t most_points = 20'000;

/// Axes, objectives and then the metrics in the order of the file, as many as a page has room for. Counters
/// and parts of energies come last.
Columns columns_of(const Json& sweep, const std::vector<const Json*>& points,
                   const std::vector<Objective>& objectives) {
  Columns columns;
  const auto add = [&](const std::string& name, bool is_axis) {
    if (std::find(columns.names.begin(), columns.names.end(), name) == columns.names.end()) {
      columns.names.push_back(name);
      columns.is_axis.push_back(is_axis);
    }
  };
  for (const Json& axis : member(sweep, "axes")) {
    add(scalar_text(member(axis, "key")), true);
  }
  for (const Objective& objective : objectives) {
    add(objective.metric, false);
  }
  // The points of a sweep have the same metrics, some of them null: names are taken from all.
  std::set<std::string> known(columns.names.begin(), columns.names.end());
  std::vector<std::string> details;
  for (const Json* point : points) {
    for (const auto& [name, value] : member(*point, "totals").items()) {
      if (value.is_number() && known.insert(name).second) {
        if (name.find('.') == std::string::npos) {
          add(name, false);
        } else {
          details.push_back(name);
        }
      }
    }
  }
  for (const std::string& name : details) {
    add(name, false);
  }
  const std::size_t room = std::max<std::size_t>(most_numbers / std::max<std::size_t>(points.size(), 1), 4);
  if (columns.names.size() > room) {
    columns.left_out = columns.names.size() - room;
    columns.names.resize(room);
    columns.is_axis.resize(room);
  }
  return columns;
}

Json value_of(const Json& value) {
  if (const std::optional<double> found = number(value)) {
    return rounded(*found);
  }
  return value.is_null() || value.is_number() ? Json(nullptr) : Json(scalar_text(value));
}

Json picture_data(const Json& sweep, const std::vector<const Json*>& points, const Columns& columns,
                  const std::vector<Objective>& objectives, const std::vector<FoundPoint>& found) {
  Json data = {{"axes", Json::array()},
               {"objectives", Json::array()},
               {"ids", Json::array()},
               {"front", Json::array()},
               {"columns", Json::array()}};
  for (const Json& axis : member(sweep, "axes")) {
    data["axes"].push_back(scalar_text(member(axis, "key")));
  }
  for (const Objective& objective : objectives) {
    data["objectives"].push_back(
        {{"metric", objective.metric}, {"goal", objective.maximise ? "max" : "min"}});
  }
  for (const Json* point : points) {
    data["ids"].push_back(member(*point, "point"));
  }
  for (const FoundPoint& point : found) {
    if (point.on_front) {
      data["front"].push_back(member(*point.json, "point"));
    }
  }
  for (std::size_t i = 0; i < columns.names.size(); ++i) {
    const std::string& name = columns.names[i];
    Json values = Json::array();
    for (const Json* point : points) {
      const Json& value = member(member(*point, columns.is_axis[i] ? "axes" : "totals"), name);
      values.push_back(columns.is_axis[i] && value.is_number() ? value : value_of(value));
    }
    data["columns"].push_back({{"name", name}, {"values", std::move(values)}});
  }
  return data;
}

/// Points that were run, as many as a page has room for: all of the front, and of the others each so many.
std::vector<const Json*> shown_points(const Json& sweep, const std::vector<FoundPoint>& found,
                                      std::size_t& ran) {
  std::vector<const Json*> all;
  for (const Json& point : member(sweep, "points")) {
    if (scalar_text(member(point, "status")) == "ok" && member(point, "point").is_number() &&
        member(point, "totals").is_object()) {
      all.push_back(&point);
    }
  }
  ran = all.size();
  if (all.size() <= most_points) {
    return all;
  }
  std::vector<const Json*> front;
  for (const FoundPoint& point : found) {
    if (point.on_front) {
      front.push_back(point.json);
    }
  }
  std::sort(front.begin(), front.end());
  const std::size_t each = (all.size() + most_points - 1) / most_points;
  std::vector<const Json*> shown;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i % each == 0 || std::binary_search(front.begin(), front.end(), all[i])) {
      shown.push_back(all[i]);
    }
  }
  return shown;
}

/// Points that break a constraint have no results to draw: how many, and which constraints.
std::string infeasible_hint(const Json& sweep) {
  std::size_t count = 0;
  std::set<std::string> reasons;
  for (const Json& point : member(sweep, "points")) {
    if (scalar_text(member(point, "status")) == "infeasible") {
      ++count;
      reasons.insert(scalar_text(member(point, "reason")));
    }
  }
  constexpr std::size_t most_reasons = 3;
  std::vector<std::string> shown(reasons.begin(), reasons.end());
  if (shown.size() > most_reasons) {
    shown.resize(most_reasons);
    shown.emplace_back("...");
  }
  return count == 0 ? std::string()
                    : html_hint(fmt::format("{} points break a constraint ({}) and are not drawn.", count,
                                            fmt::join(shown, "; ")));
}

std::string shown_hint(std::size_t shown, std::size_t ran, const Columns& columns) {
  std::string text =
      "Points on the Pareto front have an outline. Drag a box in a picture to choose points in all of them; "
      "click beside it to end that.";
  if (shown < ran) {
    text += fmt::format(" {} of {} points are drawn, all of the front among them.", shown, ran);
  }
  if (columns.left_out > 0) {
    text += fmt::format(" {} metrics are left out; results.csv has them.", columns.left_out);
  }
  return html_hint(text);
}

std::string front_table(const std::vector<FoundPoint>& points, const std::vector<Objective>& objectives) {
  std::vector<std::string> head = {"point"};
  std::vector<PointRow> rows;
  for (const FoundPoint& point : points) {
    if (!point.on_front) {
      continue;
    }
    std::vector<std::string> row = {scalar_text(member(*point.json, "point"))};
    for (const auto& [key, value] : member(*point.json, "axes").items()) {
      if (rows.empty()) {
        head.push_back(key);
      }
      row.push_back(exact_text(value));
    }
    for (const double value : point.values) {
      row.push_back(number_text(value));
    }
    rows.push_back({row.front(), std::move(row)});
  }
  for (const Objective& objective : objectives) {
    head.push_back(fmt::format("{} ({})", objective.metric, objective.maximise ? "max" : "min"));
  }
  return html_points_table(head, rows);
}

std::string failures_table(const Json& sweep) {
  constexpr std::size_t shown = 100;
  std::vector<std::vector<std::string>> rows;
  std::size_t failed = 0;
  for (const Json& point : member(sweep, "points")) {
    if (scalar_text(member(point, "status")) == "failed" && ++failed <= shown) {
      rows.push_back({scalar_text(member(point, "point")), scalar_text(member(point, "reason"))});
    }
  }
  const std::string heading = failed > shown
                                  ? fmt::format("Points that failed (the first {} of {})", shown, failed)
                                  : std::string("Points that failed");
  return failed == 0 ? std::string() : html_section(heading, html_table({"point", "reason"}, rows));
}

std::string axes_table(const Json& sweep) {
  std::vector<std::vector<std::string>> rows;
  for (const Json& axis : member(sweep, "axes")) {
    std::string values;
    for (const Json& value : member(axis, "values")) {
      values += (values.empty() ? "" : ", ") + exact_text(value);
    }
    rows.push_back({scalar_text(member(axis, "key")), values});
  }
  return html_table({"axis", "values"}, rows);
}

}  // namespace

std::string sweep_page(const nlohmann::ordered_json& sweep, const std::string& title) {
  const std::vector<Objective> objectives = objectives_of(sweep);
  std::vector<FoundPoint> found = points_of(sweep, objectives);
  if (!objectives.empty()) {
    mark_front(found, objectives);
  }
  std::size_t ran = 0;
  const std::vector<const Json*> points = shown_points(sweep, found, ran);
  const Columns columns = columns_of(sweep, points, objectives);
  const Json data = picture_data(sweep, points, columns, objectives, found);
  std::string body = fmt::format("<p class=\"about\">{}; {} points</p>\n", about_line(sweep),
                                 member(sweep, "points").size());
  body += html_section("Axes", axes_table(sweep)) + infeasible_hint(sweep);
  if (!points.empty() && columns.names.size() > 1) {
    body += html_section("Points", shown_hint(points.size(), ran, columns) +
                                       "<div class=\"pictures\" data-picture=\"sweep\"></div>\n");
  }
  if (!objectives.empty()) {
    body += html_section("Pareto front", front_table(found, objectives));
  }
  body += failures_table(sweep);
  body +=
      html_section("Machine", html_details("architecture", member(sweep, "architecture").dump(2, ' ', true)));
  return html_page(title, body, data);
}

}  // namespace lacuna::page
