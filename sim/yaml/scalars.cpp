#include "sim/yaml/scalars.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "models/common/error.h"
#include "models/common/text.h"
#include "sim/yaml/nearest.h"

namespace lacuna {
namespace {

constexpr std::size_t max_text_bytes = 1024;
constexpr std::size_t max_path_bytes = 4096;

[[noreturn]] void refuse(const YamlNode& node, const std::string& path, const std::string& wrong,
                         const std::string& allowed) {
  throw ConfigurationError(node.place(path), wrong, allowed);
}

bool is_integer_text(const std::string& text) {
  const std::size_t sign = text.rfind('-', 0) == 0 || text.rfind('+', 0) == 0 ? 1 : 0;
  return text.size() > sign && text.find_first_not_of("0123456789", sign) == std::string::npos;
}

struct ParsedReal {
  enum class Kind { none, number, too_large };  ///< too_large for a double, or too close to 0
  Kind kind = Kind::none;
  double value = 0.0;
};

/// YAML allows a plus sign, std::from_chars does not.
ParsedReal parse(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') {
    text.remove_prefix(1);
  }
  ParsedReal parsed;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed.value);
  if (error == std::errc::invalid_argument || end != text.data() + text.size() || std::isnan(parsed.value)) {
    return {};
  }
  parsed.kind = error == std::errc() ? ParsedReal::Kind::number : ParsedReal::Kind::too_large;
  return parsed;
}

const std::string& bounded_text(const YamlNode& node, const std::string& path, const std::string& expected,
                                std::size_t max_bytes) {
  const std::string& text = scalar_text(node, path, expected);
  const std::string allowed = fmt::format("{} of 1 to {} bytes on one line", expected, max_bytes);
  if (text.empty()) {
    refuse(node, path, "is empty", allowed);
  }
  if (text.size() > max_bytes || text.find_first_of("\n\r\t") != std::string::npos) {
    refuse(node, path, "is too long or holds a line break or tab", allowed);
  }
  return text;
}

template <class Integer>
Integer read_integer_between(const YamlNode& node, const std::string& path, Integer min, Integer max) {
  const std::string allowed = fmt::format("an integer from {} to {}", min, max);
  const std::string& text = scalar_text(node, path, allowed);
  if (node.quoted || !is_integer_text(text)) {
    refuse(node, path, node.kind_name() + " is not an integer", "allowed: " + allowed);
  }
  Integer value = 0;
  const char* const begin = text.data() + (text[0] == '+' ? 1 : 0);
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < min || value > max) {
    refuse(node, path, node.kind_name() + " is out of range", "allowed: " + allowed);
  }
  return value;
}

}  // namespace

const std::string& scalar_text(const YamlNode& node, const std::string& path, const std::string& expected) {
  if (node.kind != YamlNode::Kind::scalar) {
    refuse(node, path, "is " + node.kind_name(), "allowed: " + expected);
  }
  return node.text;
}

std::optional<double> parse_real(std::string_view text) {
  const ParsedReal parsed = parse(text);
  return parsed.kind == ParsedReal::Kind::number ? std::optional<double>(parsed.value) : std::nullopt;
}

std::uint64_t read_integer(const YamlNode& node, const std::string& path, std::uint64_t min,
                           std::uint64_t max) {
  return read_integer_between(node, path, min, max);
}

std::int64_t read_signed_integer(const YamlNode& node, const std::string& path, std::int64_t min,
                                 std::int64_t max) {
  return read_integer_between(node, path, min, max);
}

double read_real(const YamlNode& node, const std::string& path, double min, double max) {
  const std::string allowed = fmt::format("a number from {} to {}", min, max);
  const std::string& text = scalar_text(node, path, allowed);
  const ParsedReal parsed = parse(text);
  if (node.quoted || parsed.kind == ParsedReal::Kind::none) {
    refuse(node, path, node.kind_name() + " is not a number", "allowed: " + allowed);
  }
  if (parsed.kind == ParsedReal::Kind::too_large || !(parsed.value >= min && parsed.value <= max)) {
    refuse(node, path, node.kind_name() + " is out of range", "allowed: " + allowed);
  }
  return parsed.value;
}

bool read_boolean(const YamlNode& node, const std::string& path) {
  const std::string& text = scalar_text(node, path, "true or false");
  if (node.quoted || (text != "true" && text != "false")) {
    refuse(node, path, node.kind_name() + " is not a boolean", "allowed: true or false");
  }
  return text == "true";
}

std::size_t read_choice(const YamlNode& node, const std::string& path,
                        const std::vector<std::string>& names) {
  const std::string& text = scalar_text(node, path, "a name");
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) {
    refuse(node, path, "'" + cut(text, 40) + "' is not a known name", suggest(text, names));
  }
  return static_cast<std::size_t>(found - names.begin());
}

std::string read_text(const YamlNode& node, const std::string& path) {
  return bounded_text(node, path, "text", max_text_bytes);
}

FormulaText read_formula_text(const YamlNode& node, const std::string& path) {
  return {bounded_text(node, path, "a number or a formula", max_text_bytes), node.place(path)};
}

std::string FilePath::file_name() const {
  return std::filesystem::path(written).filename().string();
}

FilePath read_file_path(const YamlNode& node, const std::string& path) {
  const std::string& written = bounded_text(node, path, "a file's path", max_path_bytes);
  const std::filesystem::path resolved = (node.origin->directory / written).lexically_normal();
  return {written, resolved.string(), node.place(path)};
}

void check_exists(const FilePath& file) {
  std::error_code error;
  if (!file.empty() && !std::filesystem::is_regular_file(file.resolved, error)) {
    throw InputDataError(file.place, fmt::format("no such file '{}'", file.written),
                         "a path relative to the file that holds it");
  }
}

}  // namespace lacuna
