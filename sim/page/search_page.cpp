#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/page/html.h"
#include "sim/page/json_fields.h"
#include "sim/page/layer_bars.h"
#include "sim/page/pages.h"
#include "sim/report/pareto.h"
#include "sim/report/text_formats.h"

namespace lacuna::page {
namespace {

/// A figure of candidates that is to be small or large.
struct Goal {
  std::string figure;
  bool maximise = false;
};

std::size_t candidate_count(const Json& columns) {
  return member(columns, "candidate").is_array() ? member(columns, "candidate").size() : 0;
}

const Json& value_at(const Json& columns, const std::string& figure, std::size_t row) {
  static const Json none;
  const Json& column = member(columns, figure);
  return column.is_array() && row < column.size() ? column[row] : none;
}

std::size_t known_values(const Json& columns, const std::string& figure) {
  const Json& column = member(columns, figure);
  return column.is_array()
             ? static_cast<std::size_t>(std::count_if(
                   column.begin(), column.end(), [](const Json& value) { return number(value).has_value(); }))
             : 0;
}

std::vector<std::string> machines_of(const Json& columns) {
  const std::string end = ".cycles";
  std::vector<std::string> names;
  for (const auto& [name, values] : columns.items()) {
    if (name.size() > end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0) {
      names.push_back(name.substr(0, name.size() - end.size()));
    }
  }
  return names;
}

/// The error where at least three networks were trained, else the score; and the cycles of each machine, or
/// what is counted where there is none.
std::vector<Goal> goals_of(const Json& search, const Json& columns) {
  constexpr std::size_t enough = 3;
  std::vector<Goal> goals;
  const std::string score = scalar_text(member(search, "score"));
  if (known_values(columns, "wrong_percent") >= enough) {
    goals.push_back({"wrong_percent", false});
  } else if (known_values(columns, score) > 0) {
    goals.push_back({score, true});
  }
  for (const std::string& machine : machines_of(columns)) {
    if (known_values(columns, machine + ".cycles") > 0) {
      goals.push_back({machine + ".cycles", false});
    }
  }
  if (goals.size() < 2) {
    goals.push_back({"parameters", false});
  }
  return goals;
}

/// Rows of candidates that passed and that no other one beats in all goals.
std::vector<std::size_t> front_rows(const Json& columns, const std::vector<Goal>& goals) {
  std::vector<std::size_t> rows;
  std::vector<std::vector<double>> costs;
  for (std::size_t row = 0; row < candidate_count(columns); ++row) {
    std::vector<double> cost;
    for (const Goal& goal : goals) {
      if (const std::optional<double> value = number(value_at(columns, goal.figure, row))) {
        cost.push_back(goal.maximise ? -*value : *value);
      }
    }
    if (cost.size() == goals.size() && scalar_text(value_at(columns, "end", row)) == "passed") {
      rows.push_back(row);
      costs.push_back(std::move(cost));
    }
  }
  std::vector<std::size_t> front;
  for (const std::size_t position : pareto_front(costs)) {
    front.push_back(rows[position]);
  }
  return front;
}

/// What the script draws as a sweep's points: a point for each candidate.
Json points_data(const Json& columns, const std::vector<Goal>& goals, const std::vector<std::size_t>& front) {
  Json data = {{"columns", Json::array()},
               {"axes", Json::array({"end"})},
               {"ids", member(columns, "candidate")},
               {"objectives", Json::array()},
               {"front", Json::array()}};
  for (const auto& [name, values] : columns.items()) {
    const bool is_known = name == "end" || known_values(columns, name) > 0;
    if (name != "candidate" && values.is_array() && values.size() == candidate_count(columns) && is_known) {
      Json column = Json::array();
      for (const Json& value : values) {
        column.push_back(name == "end"   ? Json(scalar_text(value))
                         : number(value) ? rounded(*number(value))
                                         : Json(nullptr));
      }
      data["columns"].push_back({{"name", name}, {"values", std::move(column)}});
    }
  }
  for (const Goal& goal : goals) {
    data["objectives"].push_back({{"metric", goal.figure}, {"goal", goal.maximise ? "max" : "min"}});
  }
  for (const std::size_t row : front) {
    data["front"].push_back(value_at(columns, "candidate", row));
  }
  return data;
}

std::string front_table(const Json& columns, const std::vector<Goal>& goals,
                        const std::vector<std::size_t>& front) {
  std::vector<std::string> head = {"candidate", "rank", "parameters"};
  for (const Goal& goal : goals) {
    head.push_back(fmt::format("{} ({})", goal.figure, goal.maximise ? "max" : "min"));
  }
  std::vector<PointRow> rows;
  for (const std::size_t row : front) {
    const std::string candidate = scalar_text(value_at(columns, "candidate", row));
    std::vector<std::string> cells = {candidate, scalar_text(value_at(columns, "rank", row)),
                                      scalar_text(value_at(columns, "parameters", row))};
    for (const Goal& goal : goals) {
      cells.push_back(scalar_text(value_at(columns, goal.figure, row)));
    }
    rows.push_back({candidate, std::move(cells)});
  }
  return html_points_table(head, rows);
}

/// The way of the candidates through the filters.
std::string filters_table(const Json& search) {
  constexpr double percent = 100.0;
  std::vector<std::vector<std::string>> rows;
  for (const Json& filter : member(search, "filters")) {
    const double looked_at = number(member(filter, "looked_at")).value_or(0.0);
    const double rejected = number(member(filter, "rejected")).value_or(0.0);
    rows.push_back({scalar_text(member(filter, "filter")), number_text(looked_at), number_text(rejected),
                    looked_at > 0.0 ? fmt::format("{:.1f}", percent * rejected / looked_at) : "-",
                    number_text(looked_at - rejected)});
  }
  const std::string failed = scalar_text(member(search, "failed"));
  if (failed != "0" && failed != "-") {
    rows.push_back({"cannot be run or scored", "", failed, "", ""});
  }
  return html_table({"filter", "looked at", "rejected", "%", "left"}, rows);
}

std::string choices_text(const Json& network) {
  std::string text;
  for (const Json& block : member(network, "blocks")) {
    text += (text.empty() ? "" : " ") + scalar_text(block);
  }
  for (const auto& [name, choice] : member(network, "choices").items()) {
    text += fmt::format("; {}: {}", name, scalar_text(choice));
  }
  return text;
}

std::optional<double> wrong_percent(const Json& trained) {
  const std::optional<double> images = number(member(trained, "images"));
  const std::optional<double> correct = number(member(trained, "correct"));
  constexpr double percent = 100.0;
  return images && correct && *images > 0.0 ? std::optional<double>(percent * (*images - *correct) / *images)
                                            : std::nullopt;
}

std::string networks_table(const Json& search, const std::vector<std::string>& machines) {
  std::vector<std::string> head = {"candidate", "rank", "drawn at random", "parameters"};
  for (const std::string& machine : machines) {
    head.push_back(machine + " cycles");
    head.push_back(machine + " cycles, trained");
  }
  head.insert(head.end(), {"wrong %", "blocks"});
  std::vector<std::vector<std::string>> rows;
  for (const Json& network : member(search, "networks")) {
    const Json& trained = member(network, "trained");
    std::vector<std::string> row = {
        scalar_text(member(network, "candidate")), scalar_text(member(network, "rank")),
        member(network, "random") == true ? "yes" : "", scalar_text(member(network, "parameters"))};
    for (const std::string& machine : machines) {
      row.push_back(scalar_text(member(member(member(network, "machines"), machine), "cycles")));
      row.push_back(scalar_text(member(member(member(trained, "machines"), machine), "cycles")));
    }
    const std::optional<double> wrong = wrong_percent(trained);
    row.push_back(wrong ? fmt::format("{:.2f}", *wrong) : "-");
    row.push_back(choices_text(network));
    rows.push_back(std::move(row));
  }
  return html_table(head, rows, TableKind::sortable);
}

bool is_layer_before(const Json& input, std::size_t layer) {
  return input.is_number_unsigned() && input.get<std::size_t>() < layer;
}

/// Layers with what each takes on each machine, for the script; networks whose layers do not fit together are
/// left out.
Json graphs_data(const Json& search) {
  constexpr std::size_t most_layers = 400;
  Json graphs = Json::array();
  for (const Json& network : member(search, "networks")) {
    const Json& layers = member(network, "layers");
    if (!layers.is_array() || layers.size() < 2 || layers.size() > most_layers) {
      continue;
    }
    Json drawn = Json::array();
    for (std::size_t i = 0; i < layers.size(); ++i) {
      Json inputs = Json::array();
      for (const Json& input : member(layers[i], "inputs")) {
        if (is_layer_before(input, i)) {
          inputs.push_back(input);
        }
      }
      Json cycles = Json::object();
      for (const auto& [machine, value] : counts_of(member(layers[i], "cycles"))) {
        cycles[machine] = rounded(value);
      }
      drawn.push_back({{"name", scalar_text(member(layers[i], "name"))},
                       {"kind", scalar_text(member(layers[i], "kind"))},
                       {"shape", scalar_text(member(layers[i], "shape"))},
                       {"inputs", std::move(inputs)},
                       {"cycles", std::move(cycles)}});
    }
    const std::string rank = scalar_text(member(network, "rank"));
    graphs.push_back(
        {{"name", fmt::format("candidate {}, rank {}{}", scalar_text(member(network, "candidate")), rank,
                              member(network, "random") == true ? ", random" : "")},
         {"layers", std::move(drawn)}});
  }
  return graphs.empty() ? Json(nullptr) : graphs;
}

}  // namespace

std::string search_page(const nlohmann::ordered_json& search, const std::string& title) {
  const Json& columns = member(search, "candidates");
  const std::vector<Goal> goals = goals_of(search, columns);
  const std::vector<std::size_t> front = front_rows(columns, goals);
  const std::vector<std::string> machines = machines_of(columns);
  Json data = Json::object();
  std::string body = fmt::format(
      "<p class=\"about\">{} {}; {} of {} networks looked at, {} passed, ranked by {}</p>\n",
      markup_escaped(scalar_text(member(search, "program"))),
      markup_escaped(scalar_text(member(search, "version"))), scalar_text(member(search, "looked_at")),
      scalar_text(member(search, "space")), scalar_text(member(search, "passed")),
      markup_escaped(scalar_text(member(search, "score"))));
  body += html_section("Filters", filters_table(search));
  if (candidate_count(columns) > 0) {
    data.update(points_data(columns, goals, front));
    std::string hint =
        "Every candidate, by what became of it. Those on the Pareto front of all that passed have an "
        "outline. "
        "Drag a box in a picture to choose candidates in all of them; click beside it to end that.";
    const double looked_at = number(member(search, "looked_at")).value_or(0.0);
    if (static_cast<double>(candidate_count(columns)) < looked_at) {
      hint += fmt::format(" {} of {} are drawn, all that passed among them where these are no more.",
                          candidate_count(columns), number_text(looked_at));
    }
    body += html_section("Candidates",
                         html_hint(hint) + "<div class=\"pictures\" data-picture=\"sweep\"></div>\n");
    body += html_section("Pareto front", front_table(columns, goals, front));
  }
  body += html_section("Networks", networks_table(search, machines));
  data["networks"] = graphs_data(search);
  body +=
      html_pictured(data, "networks", "A network, layer by layer",
                    "The darker a layer, the more cycles it takes on the machine that is chosen, with the "
                    "network's first weights.");
  return html_page(title, body, data);
}

}  // namespace lacuna::page
