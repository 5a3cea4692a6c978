#include "sim/report/text_formats.h"

#include <algorithm>
#include <cstddef>

#include <nlohmann/json.hpp>

namespace lacuna {

std::string csv_quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) {
    return text;
  }
  std::string result = "\"";
  for (const char c : text) {
    result += c == '"' ? "\"\"" : std::string(1, c);
  }
  return result + "\"";
}

std::string markup_escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t' ? '?' : c;
    }
  }
  return result;
}

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
