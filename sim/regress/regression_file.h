#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/yaml/scalars.h"

namespace lacuna {

/// One element of `runs` of a regression suite.
struct RegressionRunConfig {
  std::string name;
  FilePath config;
  std::vector<YamlNode> assignments;
  std::vector<YamlNode> engines;
  std::optional<std::uint64_t> seed;
  std::vector<YamlNode> tolerances;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.text("name", c.name, "letters, digits, '.', '_' and '-'; NAME.json in the golden folder belongs to it");
    v.file("config", c.config, "run configuration");
    v.plain_list("set", c.assignments, "path.to.key=value, as --set of lacuna run");
    v.plain_list("engines", c.engines,
                 "each must give the golden result; default: timeline. --update keeps the first one's");
    v.integer("seed", c.seed, 0, UINT64_MAX, "seed of everything generated; default: the configuration's");
    v.plain_list("tolerances", c.tolerances, "metric=1%, as --tolerance of lacuna compare; default: exact");
    v.required({"name", "config"});
  }
};

/// A regression suite as written (docs/how-to/regression.md).
struct RegressionFile {
  FilePath golden;
  std::vector<YamlNode> tolerances;
  std::vector<RegressionRunConfig> runs;

  template <class Self, class Visitor>
  static void describe(Self& c, Visitor&& v) {
    v.file("golden", c.golden, "folder of the expected results; default: golden");
    v.plain_list("tolerances", c.tolerances, "of all runs; a run's own win");
    v.list("runs", c.runs, "what is run and compared");
    v.required({"runs"});
  }
};

}  // namespace lacuna
