#include "sim/report/result_csv.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/report/text_formats.h"

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;
using Fields = std::vector<std::pair<std::string, std::string>>;

struct Cells {
  std::vector<Fields> layers;
  std::set<std::string> groups;  ///< names of objects, each of which another layer may have as null
};

std::string cell(const Json& value) {
  if (value.is_null()) {
    return {};
  }
  return value.is_string() ? csv_quoted(value.get<std::string>())
                           : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void collect(const Json& object, const std::string& prefix, Fields& fields, std::set<std::string>& groups) {
  for (const auto& item : object.items()) {
    if (item.key() == "pe") {
      continue;
    }
    const std::string name = prefix + item.key();
    if (item.value().is_object()) {
      groups.insert(name);
      collect(item.value(), name + ".", fields, groups);
    } else {
      fields.emplace_back(name, cell(item.value()));
    }
  }
}

/// The names of all layers' fields. What a layer adds stands before the next field that it shares with those
/// before it.
std::vector<std::string> header_of(const Cells& cells) {
  std::vector<std::string> names;
  for (const Fields& layer : cells.layers) {
    std::size_t next = names.size();
    for (auto field = layer.rbegin(); field != layer.rend(); ++field) {
      const auto known = std::find(names.begin(), names.end(), field->first);
      if (known == names.end()) {
        names.insert(names.begin() + static_cast<std::ptrdiff_t>(next), field->first);
      } else {
        next = static_cast<std::size_t>(known - names.begin());
      }
    }
  }
  names.erase(std::remove_if(names.begin(), names.end(),
                             [&cells](const std::string& name) { return cells.groups.count(name) != 0; }),
              names.end());
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
  Cells cells;
  for (const Json& layer : result.at("layers")) {
    collect(layer, "", cells.layers.emplace_back(), cells.groups);
  }
  if (cells.layers.empty()) {
    return {};
  }
  const std::vector<std::string> header = header_of(cells);
  std::string text;
  append_line(text, header);
  for (const Fields& layer : cells.layers) {
    std::vector<std::string> line;
    line.reserve(header.size());
    for (const std::string& name : header) {
      line.push_back(value_of(layer, name));
    }
    append_line(text, line);
  }
  return text;
}

}  // namespace lacuna
