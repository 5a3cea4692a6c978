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
#include "sim/report/text_formats.h"

namespace lacuna::page {
namespace {

/// Wrong ones of an evaluation, in percent; nothing where there are no images.
std::optional<double> percent_wrong(const Json& evaluation) {
  const std::optional<double> images = number(member(evaluation, "images"));
  const std::optional<double> correct = number(member(evaluation, "correct"));
  if (!images || !correct || *images <= 0.0) {
    return std::nullopt;
  }
  constexpr double percent = 100.0;
  return percent * (*images - *correct) / *images;
}

std::string wrong_text(const Json& evaluation) {
  const std::optional<double> images = number(member(evaluation, "images"));
  const std::optional<double> correct = number(member(evaluation, "correct"));
  return images && correct ? fmt::format("{} of {}", number_text(*images - *correct), number_text(*images))
                           : "-";
}

/// What the script draws as lines: a value of each part of the data, over the epochs of all phases, and where
/// phases begin. Null without values.
template <class Value>
Json curves(const Json& epochs, const std::string& unit, Value value) {
  Json lines = Json::array();
  for (const char* part : {"training", "validation"}) {
    Json points = Json::array();
    for (std::size_t i = 0; i < epochs.size(); ++i) {
      if (const std::optional<double> y = value(member(epochs[i], part))) {
        points.push_back({i + 1, rounded(*y)});
      }
    }
    if (!points.empty()) {
      const bool learns = std::string(part) == "training";
      lines.push_back({{"name", learns ? "training, while it learns" : "held out"}, {"points", points}});
    }
  }
  if (lines.empty()) {
    return nullptr;
  }
  Json phases = Json::array();
  std::string phase;
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    const std::string name = scalar_text(member(epochs[i], "phase"));
    if (i == 0 || name != phase) {
      phases.push_back({{"from", i + 1}, {"name", name}});
    }
    phase = name;
  }
  return {{"unit", unit}, {"lines", lines}, {"phases", phases}};
}

std::string phases_table(const Json& phases) {
  std::vector<std::vector<std::string>> rows;
  for (const Json& phase : phases) {
    double weights = 0.0;
    double nonzeros = 0.0;
    for (const Json& layer : member(phase, "layers")) {
      weights += number(member(layer, "weights")).value_or(0.0);
      nonzeros += number(member(layer, "nonzeros")).value_or(0.0);
    }
    constexpr double percent = 100.0;
    rows.push_back({scalar_text(member(phase, "name")), scalar_text(member(phase, "epochs")),
                    number_text(nonzeros),
                    weights > 0.0 ? fmt::format("{:.2f}", percent * nonzeros / weights) : "-",
                    wrong_text(member(member(phase, "before_training"), "test")),
                    wrong_text(member(phase, "validation")), wrong_text(member(phase, "test"))});
  }
  return html_table(
      {"phase", "epochs", "weights left", "%", "test wrong, before training", "held out wrong", "test wrong"},
      rows);
}

std::string change_text(const Json& change) {
  const std::string density = scalar_text(member(change, "density"));
  return density != "-"
             ? density
             : scalar_text(member(change, "kind")) + " " + scalar_text(member(change, "weight_bits"));
}

std::string search_section(const Json& phase) {
  const Json& search = member(phase, "search");
  if (!search.is_object()) {
    return {};
  }
  std::vector<std::vector<std::string>> found;
  for (const auto& [layer, chosen] : member(search, "layers").items()) {
    found.push_back({layer, change_text(chosen)});
  }
  std::vector<std::vector<std::string>> rows;
  for (const Json& change : member(search, "changes")) {
    const bool taken = member(change, "taken").is_boolean() && member(change, "taken").get<bool>();
    const std::string layer = scalar_text(member(change, "layer"));
    rows.push_back({layer == "-" ? "all" : layer, change_text(change),
                    scalar_text(member(change, "cost_before")), scalar_text(member(change, "cost_after")),
                    wrong_text(member(change, "validation")), taken ? "taken" : "taken back"});
  }
  return html_section(
      "Search of " + scalar_text(member(phase, "name")),
      html_table({"layer", "found"}, found) +
          html_table({"layer", "change", "cost before", "cost after", "held out wrong", ""}, rows));
}

}  // namespace

std::string training_page(const nlohmann::ordered_json& training, const std::string& title) {
  std::string body = fmt::format("<p class=\"about\">{} {}; {}</p>\n",
                                 markup_escaped(scalar_text(member(training, "program"))),
                                 markup_escaped(scalar_text(member(training, "version"))),
                                 markup_escaped(scalar_text(member(training, "libraries"))));
  Json data = Json::object();
  const Json& epochs = member(training, "curve");
  if (epochs.is_array()) {
    data["loss"] = curves(epochs, "mean loss, nats",
                          [](const Json& evaluation) { return number(member(evaluation, "mean_loss")); });
    data["wrong"] = curves(epochs, "% wrong", percent_wrong);
  }
  body += html_pictured(data, "loss", "Loss");
  body += html_pictured(data, "wrong", "Wrong classes");
  body += html_section("Phases", phases_table(member(training, "phases")));
  for (const Json& phase : member(training, "phases")) {
    body += search_section(phase);
  }
  body += html_section("Recipe", html_details("recipe", member(training, "recipe").dump(2, ' ', true)));
  return html_page(title, body, data);
}

}  // namespace lacuna::page
