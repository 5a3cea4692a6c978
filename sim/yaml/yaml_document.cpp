#include "sim/yaml/yaml_document.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "sim/yaml/utf8.h"
#include "sim/yaml/yaml_builder.h"

namespace lacuna {
namespace {

/// Takes the events of a second document, which must not exist.
class SecondDocument : public YamlBuilder {
 public:
  using YamlBuilder::YamlBuilder;
  void OnDocumentStart(const YAML::Mark& mark) override {
    refuse(line_of(mark), "a second YAML document begins", "one document per file");
  }
};

void check_text(const std::string& text, const YamlOrigin& origin, const YamlLimits& limits) {
  if (text.size() > limits.bytes) {
    throw ConfigurationError({origin.name, 0, {}}, fmt::format("{} bytes of YAML", text.size()),
                             fmt::format("at most {} bytes", limits.bytes));
  }
  if (const auto bad = first_bad_byte(text)) {
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(*bad);
    const int line = 1 + static_cast<int>(std::count(text.begin(), end, '\n'));
    throw ConfigurationError(
        {origin.name, line, {}},
        fmt::format("byte 0x{:02x} is not UTF-8 text", static_cast<unsigned char>(text[*bad])),
        "YAML files are UTF-8 without control characters");
  }
}

std::string read_bounded(const std::string& path, const YamlLimits& limits) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    throw ConfigurationError({path, 0, {}}, "no such file", "the path of a YAML file");
  }
  if (std::filesystem::is_directory(status)) {
    throw ConfigurationError({path, 0, {}}, "is a folder", "the path of a YAML file");
  }
  if (!std::filesystem::is_regular_file(status)) {  // opening a pipe may wait for ever
    throw ConfigurationError({path, 0, {}}, "is no regular file", "the path of a YAML file");
  }
  std::ifstream stream(path, std::ios::binary);
  std::string text(limits.bytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.is_open() || stream.bad()) {
    throw ConfigurationError({path, 0, {}}, "cannot be read", "a readable YAML file");
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > limits.bytes) {
    throw ConfigurationError({path, 0, {}}, "the file is too large",
                             fmt::format("at most {} bytes of YAML", limits.bytes));
  }
  return text;
}

}  // namespace

YamlNode parse_yaml(const std::string& text, const std::shared_ptr<const YamlOrigin>& origin,
                    const YamlLimits& limits) {
  check_text(text, *origin, limits);
  YamlBuilder builder(origin, limits);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    SecondDocument second(origin, limits);
    parser.HandleNextDocument(second);
  } catch (const YAML::Exception& error) {
    const int line = error.mark.is_null() || !origin->has_lines ? 0 : error.mark.line + 1;
    throw ConfigurationError({origin->name, line, {}}, "not valid YAML: " + error.msg, {});
  }
  return builder.take_root();
}

YamlNode load_yaml(const std::string& path, const YamlLimits& limits) {
  auto origin = std::make_shared<YamlOrigin>();
  origin->name = path;
  origin->directory = std::filesystem::path(path).parent_path();
  return parse_yaml(read_bounded(path, limits), std::move(origin), limits);
}

}  // namespace lacuna
