#include "sim/report/result_csv.h"

#include <utility>
#include <vector>

#include "sim/report/csv_text.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;
using Fields = std::vector<std::pair<std::string, std::string>>;

std::string cell(const Json& value) {
  if (value.is_null()) {
    return {};
  }
  return value.is_string() ? csv_quoted(value.get<std::string>())
                           : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void collect(const Json& object, const std::string& prefix, Fields& fields) {
  for (const auto& item : object.items()) {
    if (item.key() == "pe") {
      continue;
    }
    const std::string name = prefix + item.key();
    if (item.value().is_object()) {
      collect(item.value(), name + ".", fields);
    } else {
      fields.emplace_back(name, cell(item.value()));
    }
  }
}

/// The keys of nested values that a layer may lack (null) are known from the layers that have them.
std::vector<std::string> header_of(const std::vector<Fields>& layers) {
  const Fields* longest = &layers.front();
  for (const Fields& layer : layers) {
    longest = layer.size() > longest->size() ? &layer : longest;
  }
  std::vector<std::string> names;
  for (const auto& field : *longest) {
    names.push_back(field.first);
  }
  return names;
}

std::string value_of(const Fields& fields, const std::string& name) {
  for (const auto& field : fields) {
    if (field.first == name) {
      return field.second;
    }
  }
  return {};
}

void append_line(std::string& text, const std::vector<std::string>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    text += (i == 0 ? "" : ",") + cells[i];
  }
  text += "\n";
}

}  // namespace

std::string result_csv(const nlohmann::ordered_json& result) {
  std::vector<Fields> layers;
  for (const Json& layer : result.at("layers")) {
    collect(layer, "", layers.emplace_back());
  }
  if (layers.empty()) {
    return {};
  }
  const std::vector<std::string> header = header_of(layers);
  std::string text;
  append_line(text, header);
  for (const Fields& layer : layers) {
    std::vector<std::string> cells;
    cells.reserve(header.size());
    for (const std::string& name : header) {
      cells.push_back(value_of(layer, name));
    }
    append_line(text, cells);
  }
  return text;
}

}  // namespace lacuna
