#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/yaml/scalars.h"
#include "sim/yaml/yaml_document.h"

namespace lacuna {

class Family;
using Families = std::vector<const Family*>;

/// What the command line changes in a configuration file.
struct ConfigOverrides {
  std::vector<std::string> assignments;  ///< "path.to.key=value"
  std::optional<std::string> engine;
  std::optional<std::string> seed;
  std::optional<std::string> energy{};   ///< path of a table
  std::filesystem::path directory = {};  ///< relative paths in assignments resolve against it
  std::string assigned_in = "--set";     ///< where the assignments stand, for messages
};

/// Reads a YAML file and applies the changes. Throws ConfigurationError.
YamlNode load_configuration(const std::string& path, const ConfigOverrides& overrides = {});

/// The same changes to a document that stands in no file.
YamlNode changed_configuration(YamlNode document, const ConfigOverrides& overrides);

/// Files may name each other (`base`, `workload`) this deep.
inline constexpr int max_file_depth = 8;
/// Throws ConfigurationError at `max_file_depth`.
void check_file_depth(const FilePath& file, int depth);

/// The file that `base` of an architecture section names; empty when it names none.
std::optional<FilePath> base_of(const YamlNode& architecture);
/// That file, read. Throws ConfigurationError, with the place of its name when it does not exist.
YamlNode load_named(const FilePath& file);

/// The family of a document with an `architecture`: that of its `kind`, or of the `kind` of the file that its
/// `base` names, and so on; the first family when none of them has one. Throws ConfigurationError for a kind
/// that no family has, and for a base that cannot be read.
const Family& family_of(const YamlNode& document, const Families& families);

/// The family of this kind. Throws ConfigurationError.
const Family& find_family(const std::string& kind, const Families& families, const ErrorPlace& place);

}  // namespace lacuna
