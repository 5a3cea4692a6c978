#include "sim/plain/plain_axes.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "models/common/text.h"
#include "sim/family/design_space.h"
#include "sim/yaml/nearest.h"

namespace lacuna {
namespace {

const std::string prefix = "architecture.";

std::string parameter_of(const std::string& key, const std::vector<std::string>& names,
                         const ErrorPlace& place) {
  if (key.rfind(prefix, 0) == 0 && find_name(names, key.substr(prefix.size()))) {
    return key.substr(prefix.size());
  }
  std::vector<std::string> keys;
  std::transform(names.begin(), names.end(), std::back_inserter(keys),
                 [](const std::string& each) { return prefix + each; });
  throw ConfigurationError(place, fmt::format("'{}' is not a key that can vary", cut(key, 80)),
                           suggest(key, keys));
}

}  // namespace

std::vector<Axis> plain_axes(const SweepDescription& description, const std::vector<std::string>& names,
                             const ArchitectureValueReader& read) {
  return make_axes(
      description,
      [&](const AxisConfig& config, const YamlNode& node, const std::string& path) -> AxisValueReader {
        const std::string name = parameter_of(config.key, names, key_place(node, path));
        return [&read, name](const YamlNode& value, const std::string& at) {
          YamlNode setting = single_entry(name, value);
          nlohmann::ordered_json shown = read(setting, name, at);
          return AxisValue{std::move(setting), std::move(shown)};
        };
      });
}

}  // namespace lacuna
