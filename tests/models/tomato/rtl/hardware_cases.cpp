#include "tests/models/tomato/rtl/hardware_cases.h"

#include <cstdlib>
#include <stdexcept>
#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "models/tomato/analysis.h"
#include "models/tomato/systemc/systemc_engine.h"
#include "tests/models/tomato/timeline/run_difference.h"

namespace lacuna::test {
namespace {

using Recorded = std::vector<std::vector<std::vector<std::int64_t>>>;  ///< [edge][frame][value]

/// The first value that differs, in words.
std::string value_difference(const PipelineCase& c, const std::vector<std::size_t>& edges,
                             const Recorded& clocked, const Recorded& seen) {
  for (std::size_t i = 0; i < clocked.size(); ++i) {
    for (std::size_t frame = 0; frame < clocked[i].size(); ++frame) {
      for (std::size_t value = 0; value < clocked[i][frame].size(); ++value) {
        if (seen[i].size() <= frame || seen[i][frame].size() <= value) {
          return "fewer values in " + tomato::edge_name(c.pipeline, c.pipeline.edges[edges[i]]);
        }
        if (seen[i][frame][value] != clocked[i][frame][value]) {
          return fmt::format("{}: value {} of frame {} is {}, not {}",
                             tomato::edge_name(c.pipeline, c.pipeline.edges[edges[i]]), value, frame,
                             seen[i][frame][value], clocked[i][frame][value]);
        }
      }
    }
  }
  return clocked == seen ? "" : "other values in some FIFO";
}

std::string difference(tomato::Engine& hardware, const PipelineCase& c, bool& deadlock) {
  tomato::RunInput input = c.input;
  const tomato::Analysis analysis = tomato::analyse(c.pipeline, c.parameters);
  for (std::size_t edge = 0; edge < c.pipeline.edges.size(); ++edge) {
    if (!analysis.streams[edge].is_window) {
      input.recorded_edges.push_back(edge);
    }
  }
  const tomato::RunResult clocked = tomato::make_forked_systemc_engine(c.pipeline, c.parameters)->run(input);
  deadlock = clocked.deadlock.has_value();
  try {
    const tomato::RunResult seen = hardware.run(input);
    const std::string values = value_difference(c, input.recorded_edges, clocked.recorded, seen.recorded);
    return values.empty() ? run_difference(c.pipeline, clocked, seen) : values;
  } catch (const std::logic_error& error) {
    return error.what();
  }
}

}  // namespace

RtlBuild tomato_rtl_build() {
  RtlBuild build;
  const char* const sources = std::getenv("LACUNA_RTL_SOURCES");
  const char* const cache = std::getenv("LACUNA_RTL_CACHE");
  build.source_folder = sources != nullptr ? sources : LACUNA_TOMATO_RTL_SOURCES;
  build.cache_folder = cache != nullptr ? cache : LACUNA_RTL_TEST_CACHE;
  return build;
}

std::vector<PipelineCase> hardware_cases(std::uint64_t first_seed, std::size_t count,
                                         PipelineCase (*random_case)(std::uint64_t seed)) {
  std::vector<PipelineCase> cases;
  for (std::uint64_t seed = first_seed; cases.size() < count; ++seed) {
    cases.push_back(random_case(seed));
  }
  return cases;
}

std::size_t check_hardware(const std::vector<PipelineCase>& cases, tomato::DataPlane plane, bool alternate) {
  const tomato::DataPlane other =
      plane == tomato::DataPlane::flat ? tomato::DataPlane::sliced : tomato::DataPlane::flat;
  std::vector<tomato::RtlMachine> machines;
  for (const PipelineCase& c : cases) {
    const bool odd = machines.size() % 2 == 1;
    // Whether products come in halves is decided within the units, so cases take turns.
    machines.push_back({c.pipeline, c.parameters, alternate && odd ? other : plane, odd});
  }
  const auto engines = tomato::make_rtl_engines(machines, tomato_rtl_build());
  std::size_t deadlocks = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    INFO(describe(cases[i]));
    bool deadlock = false;
    CHECK(difference(*engines[i], cases[i], deadlock) == "");
    deadlocks += deadlock ? 1 : 0;
  }
  return deadlocks;
}

}  // namespace lacuna::test
