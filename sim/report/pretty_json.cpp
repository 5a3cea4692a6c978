#include "sim/report/pretty_json.h"

#include <algorithm>
#include <cstddef>

namespace lacuna {
namespace {

using Json = nlohmann::ordered_json;

/// Text that is not UTF-8 (names in foreign files) has the offending bytes replaced.
std::string plain(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool is_plain_array(const Json& value) {
  return value.is_array() &&
         std::none_of(value.begin(), value.end(), [](const Json& v) { return v.is_structured(); });
}

std::string plain_array(const Json& array) {
  std::string text = "[";
  for (const Json& value : array) {
    text += (text.size() == 1 ? "" : ", ") + plain(value);
  }
  return text + "]";
}

void append(std::string& text, const Json& value, std::size_t depth) {
  if (!value.is_structured() || value.empty()) {
    text += plain(value);
    return;
  }
  if (is_plain_array(value)) {
    text += plain_array(value);
    return;
  }
  const std::string indent(2 * (depth + 1), ' ');
  text += value.is_object() ? "{" : "[";
  const char* separator = "\n";
  for (const auto& item : value.items()) {
    text += separator + indent;
    if (value.is_object()) {
      text += plain(item.key()) + ": ";
    }
    append(text, item.value(), depth + 1);
    separator = ",\n";
  }
  text += "\n" + std::string(2 * depth, ' ') + (value.is_object() ? "}" : "]");
}

}  // namespace

std::string pretty_json(const nlohmann::ordered_json& value) {
  std::string text;
  append(text, value, 0);
  return text + "\n";
}

}  // namespace lacuna
