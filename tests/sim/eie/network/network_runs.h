#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "sim/eie/config/load_config.h"
#include "sim/eie/network/run_network.h"

namespace lacuna::test {

/// Runs the network of a configuration file.
inline RunReport run_network_file(const std::string& path, std::vector<std::string> assignments = {},
                                  std::size_t threads = 1, KeptValues kept = KeptValues::none) {
  ConfigOverrides overrides;
  overrides.assignments = std::move(assignments);
  const RunConfig config = load_run_config(path, overrides);
  RunOptions options;
  options.threads = threads;
  options.values.kept = kept;
  return run_network(config, options);
}

inline const LayerReport& layer_of(const RunReport& report, const std::string& name) {
  const auto found = std::find_if(report.layers.begin(), report.layers.end(),
                                  [&](const LayerReport& each) { return each.name == name; });
  REQUIRE(found != report.layers.end());
  return *found;
}

}  // namespace lacuna::test
