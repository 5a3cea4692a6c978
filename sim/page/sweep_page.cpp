#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/page/charts.h"
#include "sim/page/html.h"
#include "sim/page/json_fields.h"
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

std::string label_of(const Json& point) {
  std::string label = "point " + scalar_text(member(point, "point"));
  for (const auto& [key, value] : member(point, "axes").items()) {
    label += fmt::format("\n{}: {}", key, exact_text(value));
  }
  return label;
}

/// A picture for each pair of objectives.
std::string pictures(const std::vector<FoundPoint>& points, const std::vector<Objective>& objectives) {
  std::string content;
  for (std::size_t x = 0; x < objectives.size(); ++x) {
    for (std::size_t y = x + 1; y < objectives.size(); ++y) {
      ScatterChart chart{objectives[x].metric, objectives[y].metric, {}};
      for (const FoundPoint& point : points) {
        chart.points.push_back({point.values[x], point.values[y], label_of(*point.json), point.on_front});
      }
      content += scatter_chart(chart);
    }
  }
  return content;
}

std::string front_table(const std::vector<FoundPoint>& points, const std::vector<Objective>& objectives) {
  std::vector<std::string> head = {"point"};
  std::vector<std::vector<std::string>> rows;
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
    rows.push_back(std::move(row));
  }
  for (const Objective& objective : objectives) {
    head.push_back(fmt::format("{} ({})", objective.metric, objective.maximise ? "max" : "min"));
  }
  return html_table(head, rows);
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
  std::vector<FoundPoint> points = points_of(sweep, objectives);
  std::string body =
      fmt::format("<p class=\"about\">{} {}, engine {}, seed {}; {} points</p>\n",
                  markup_escaped(scalar_text(member(sweep, "program"))),
                  markup_escaped(scalar_text(member(sweep, "version"))),
                  markup_escaped(scalar_text(member(sweep, "engine"))),
                  markup_escaped(exact_text(member(sweep, "seed"))), member(sweep, "points").size());
  body += html_section("Axes", axes_table(sweep));
  if (!objectives.empty()) {
    mark_front(points, objectives);
    body += html_section("Objectives (large: Pareto front)", pictures(points, objectives));
    body += html_section("Pareto front", front_table(points, objectives));
  }
  body += failures_table(sweep);
  body +=
      html_section("Machine", html_details("architecture", member(sweep, "architecture").dump(2, ' ', true)));
  return html_page(title, body);
}

}  // namespace lacuna::page
