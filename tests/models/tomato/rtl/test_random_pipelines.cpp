#include <algorithm>
#include <cstdlib>

#include <catch2/catch.hpp>

#include "models/tomato/rtl/rtl_engine.h"
#include "models/tomato/systemc/systemc_engine.h"
#include "models/tomato/timeline/timeline_engine.h"
#include "tests/models/tomato/random_pipeline.h"
#include "tests/models/tomato/timeline/run_difference.h"

namespace lacuna::test {
namespace {

RtlBuild test_build() {
  RtlBuild build;
  const char* const sources = std::getenv("LACUNA_RTL_SOURCES");
  const char* const cache = std::getenv("LACUNA_RTL_CACHE");
  build.source_folder = sources != nullptr ? sources : LACUNA_TOMATO_RTL_SOURCES;
  build.cache_folder = cache != nullptr ? cache : LACUNA_RTL_TEST_CACHE;
  return build;
}

/// Dynamic channel pruning has no hardware yet.
bool has_hardware(const PipelineCase& c) {
  return std::none_of(c.pipeline.units.begin(), c.pipeline.units.end(),
                      [](const tomato::Unit& unit) { return unit.kind == tomato::UnitKind::winners; });
}

std::vector<PipelineCase> cases(std::uint64_t first_seed, std::size_t count) {
  std::vector<PipelineCase> cases;
  for (std::uint64_t seed = first_seed; cases.size() < count; ++seed) {
    PipelineCase c = random_pipeline(seed);
    if (has_hardware(c)) {
      cases.push_back(std::move(c));
    }
  }
  return cases;
}

TEST_CASE("the generated hardware equals SystemC in every number on random pipelines") {
  const std::size_t count = std::getenv("N") != nullptr ? std::atoi(std::getenv("N")) : 10;
  const std::uint64_t first = std::getenv("S") != nullptr ? std::atoi(std::getenv("S")) : 1;
  const std::vector<PipelineCase> all = cases(first, count);
  std::vector<tomato::RtlMachine> machines;
  for (const PipelineCase& c : all) {
    machines.push_back({c.pipeline, c.parameters});
  }
  const auto engines = tomato::make_rtl_engines(machines, test_build());
  std::size_t deadlocks = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const PipelineCase& c = all[i];
    INFO(describe(c));
    const tomato::RunResult clocked =
        tomato::make_forked_systemc_engine(c.pipeline, c.parameters)->run(c.input);
    const tomato::RunResult hardware = engines[i]->run(c.input);
    deadlocks += clocked.deadlock ? 1 : 0;
    const std::string difference = run_difference(c.pipeline, clocked, hardware);
    CAPTURE(difference);
    CHECK(difference.empty());
  }
  CHECK(deadlocks < all.size());
}

}  // namespace
}  // namespace lacuna::test
