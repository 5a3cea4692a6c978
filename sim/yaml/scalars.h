#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/yaml/yaml_document.h"

namespace lacuna {

/// The text of a scalar; ConfigurationError, saying `expected`, for anything else. `path` is the dotted path
/// of the key.
const std::string& scalar_text(const YamlNode& node, const std::string& path, const std::string& expected);

/// A decimal number with or without a sign; nothing for other text, and for a number that a double cannot
/// hold.
std::optional<double> parse_real(std::string_view text);

/// A decimal integer between `min` and `max`. ConfigurationError otherwise.
std::uint64_t read_integer(const YamlNode& node, const std::string& path, std::uint64_t min,
                           std::uint64_t max);
std::int64_t read_signed_integer(const YamlNode& node, const std::string& path, std::int64_t min,
                                 std::int64_t max);

/// A finite decimal number between `min` and `max`. ConfigurationError otherwise.
double read_real(const YamlNode& node, const std::string& path, double min, double max);

/// `true` or `false`. ConfigurationError otherwise.
bool read_boolean(const YamlNode& node, const std::string& path);

/// The position in `names` of the name given. ConfigurationError otherwise, with the nearest name.
std::size_t read_choice(const YamlNode& node, const std::string& path, const std::vector<std::string>& names);

/// Text of 1 to 1024 bytes on one line. ConfigurationError otherwise.
std::string read_text(const YamlNode& node, const std::string& path);

/// A file's path: as written, and resolved against the folder of the file that holds it.
struct FilePath {
  std::string written;
  std::string resolved;
  ErrorPlace place;  ///< of the key that holds it

  bool empty() const { return written.empty(); }
  /// The last part, as shown in results (which hold no path of a user's machine).
  std::string file_name() const;
};

/// A number, or a formula of named numbers, as written; whoever knows the names reads it.
struct FormulaText {
  std::string text;
  ErrorPlace place;  ///< of the key that holds it

  bool empty() const { return text.empty(); }
};

/// A formula's text: 1 to 1024 bytes on one line. ConfigurationError otherwise.
FormulaText read_formula_text(const YamlNode& node, const std::string& path);

/// A path of 1 to 4096 bytes. ConfigurationError otherwise. Existence is not checked.
FilePath read_file_path(const YamlNode& node, const std::string& path);

/// Throws InputDataError, at the place of the name, if a file is named that is no regular file.
void check_exists(const FilePath& file);

}  // namespace lacuna
