#include "sim/family/configuration.h"

#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/common/text.h"
#include "sim/family/family.h"
#include "sim/yaml/overrides.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {
namespace {

struct WrittenKind {
  std::string text;
  ErrorPlace place;
};

const YamlNode* find_in_mapping(const YamlNode& node, std::string_view key) {
  return node.kind == YamlNode::Kind::mapping ? node.find(key) : nullptr;
}

/// The `kind` that decides, if any file has one. An architecture that is no mapping is for the family's own
/// reader to refuse.
std::optional<WrittenKind> written_kind(const YamlNode& architecture, int depth) {
  if (const YamlNode* kind = find_in_mapping(architecture, "kind")) {
    const std::string path = "architecture.kind";
    return WrittenKind{scalar_text(*kind, path, "the name of a family of machines"), kind->place(path)};
  }
  const std::optional<FilePath> base = base_of(architecture);
  if (!base) {
    return std::nullopt;
  }
  check_file_depth(*base, depth);
  const YamlNode document = load_named(*base);
  const YamlNode* const section = find_in_mapping(document, "architecture");
  if (section == nullptr) {
    throw ConfigurationError(base->place, fmt::format("'{}' has no key 'architecture'", base->written),
                             "a file with an architecture section");
  }
  return written_kind(*section, depth + 1);
}

}  // namespace

YamlNode load_configuration(const std::string& path, const ConfigOverrides& overrides) {
  return changed_configuration(load_yaml(path), overrides);
}

YamlNode changed_configuration(YamlNode document, const ConfigOverrides& overrides) {
  apply_overrides(document, overrides.assignments, overrides.directory, overrides.assigned_in);
  if (overrides.engine) {
    set_from_option(document, "--engine", "engine", *overrides.engine);
  }
  if (overrides.seed) {
    set_from_option(document, "--seed", "seed", *overrides.seed);
  }
  if (overrides.energy) {
    set_from_option(document, "--energy", "energy", *overrides.energy);
  }
  return document;
}

void check_file_depth(const FilePath& file, int depth) {
  if (depth >= max_file_depth) {
    throw ConfigurationError(file.place, "files refer to each other in a circle or too deeply",
                             fmt::format("at most {} files deep", max_file_depth));
  }
}

std::optional<FilePath> base_of(const YamlNode& architecture) {
  const YamlNode* const base = find_in_mapping(architecture, "base");
  return base == nullptr ? std::nullopt : std::optional<FilePath>(read_file_path(*base, "architecture.base"));
}

YamlNode load_named(const FilePath& file) {
  std::error_code error;
  if (!std::filesystem::exists(file.resolved, error)) {
    throw ConfigurationError(file.place, fmt::format("no such file '{}'", file.written),
                             "a path relative to the file that holds it");
  }
  return load_yaml(file.resolved);
}

const Family& family_of(const YamlNode& document, const Families& families) {
  const YamlNode* const architecture = find_in_mapping(document, "architecture");
  const std::optional<WrittenKind> kind =
      architecture == nullptr ? std::nullopt : written_kind(*architecture, 0);
  return kind ? find_family(kind->text, families, kind->place) : *families.front();
}

const Family& find_family(const std::string& kind, const Families& families, const ErrorPlace& place) {
  std::vector<std::string> kinds;
  for (const Family* family : families) {
    if (family->kind() == kind) {
      return *family;
    }
    kinds.emplace_back(family->kind());
  }
  throw ConfigurationError(place, fmt::format("'{}' is no family of machines", cut(kind, 60)),
                           fmt::format("allowed: {}", fmt::join(kinds, ", ")));
}

}  // namespace lacuna
