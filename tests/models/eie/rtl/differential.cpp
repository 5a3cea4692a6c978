#include "tests/models/eie/rtl/differential.h"

#include <algorithm>
#include <cstdlib>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/models/eie/dense_reference.h"
#include "tests/models/eie/rtl/random_layer.h"

namespace lacuna::test {
namespace {

template <std::size_t Size>
std::string counter_difference(const std::string& where, const std::array<eie::CounterInfo, Size>& info,
                               const std::array<std::uint64_t, Size>& expected,
                               const std::array<std::uint64_t, Size>& actual) {
  for (std::size_t i = 0; i < Size; ++i) {
    if (expected[i] != actual[i]) {
      return fmt::format("{}{}: {} expected, {} in RTL", where, info[i].name, expected[i], actual[i]);
    }
  }
  return {};
}

std::string result_difference(const eie::RunResult& expected, const eie::RunResult& actual) {
  if (expected.cycles != actual.cycles) {
    return fmt::format("cycles: {} expected, {} in RTL", expected.cycles, actual.cycles);
  }
  std::string difference =
      counter_difference("", eie::control_event_info, expected.control.values, actual.control.values);
  for (std::size_t pe = 0; difference.empty() && pe < expected.pes.size(); ++pe) {
    const std::string where = fmt::format("PE {}: ", pe);
    difference = counter_difference(where, eie::cycle_class_info, expected.pes[pe].cycles.values,
                                    actual.pes.at(pe).cycles.values);
    if (difference.empty()) {
      difference = counter_difference(where, eie::pe_event_info, expected.pes[pe].events.values,
                                      actual.pes[pe].events.values);
    }
  }
  if (difference.empty() && expected.outputs != actual.outputs) {
    const auto [e, a] =
        std::mismatch(expected.outputs.begin(), expected.outputs.end(), actual.outputs.begin());
    difference = fmt::format("output {}: {} expected, {} in RTL", e - expected.outputs.begin(), *e, *a);
  }
  return difference;
}

std::string broadcast_difference(const ObservedRun& expected, const ObservedRun& actual) {
  if (expected.broadcasts.size() != actual.broadcasts.size()) {
    return fmt::format("broadcasts seen: {} expected, {} in RTL", expected.broadcasts.size(),
                       actual.broadcasts.size());
  }
  for (std::size_t i = 0; i < expected.broadcasts.size(); ++i) {
    const ObservedRun::Broadcast& e = expected.broadcasts[i];
    const ObservedRun::Broadcast& a = actual.broadcasts[i];
    if (e.cycle != a.cycle || e.column != a.column || e.value != a.value) {
      return fmt::format(
          "broadcast {}: cycle {} column {} value {} expected, cycle {} column {} value {} in RTL", i,
          e.cycle.value(), e.column.value(), e.value, a.cycle.value(), a.column.value(), a.value);
    }
  }
  return {};
}

std::string occupancy_difference(const ObservedRun& expected, const ObservedRun& actual) {
  const std::size_t cycles = std::min(expected.occupancy.size(), actual.occupancy.size());
  for (std::size_t cycle = 0; cycle < cycles; ++cycle) {
    if (expected.occupancy[cycle] != actual.occupancy[cycle]) {
      return fmt::format("occupancies in cycle {}: {} expected, {} in RTL", cycle, expected.occupancy[cycle],
                         actual.occupancy[cycle]);
    }
  }
  if (expected.occupancy.size() != actual.occupancy.size()) {
    return fmt::format("cycles observed: {} expected, {} in RTL", expected.occupancy.size(),
                       actual.occupancy.size());
  }
  return {};
}

std::string environment_or(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

ObservedRun run_rtl(eie::Engine& engine, const Case& c, const eie::MemoryImage& image) {
  ObservedRun run;
  engine.observe(&run);
  run.result = engine.run(c.layer, image, c.activations);
  engine.observe(nullptr);
  return run;
}

}  // namespace

RtlBuild test_rtl_build() {
  RtlBuild build;
  build.source_folder = environment_or("LACUNA_RTL_SOURCES", LACUNA_SOURCE_DIR "/models/eie/rtl");
  build.cache_folder = environment_or("LACUNA_RTL_CACHE", LACUNA_RTL_TEST_CACHE);
  return build;
}

std::string first_difference(const ObservedRun& expected, const ObservedRun& actual) {
  std::string difference = result_difference(expected.result, actual.result);
  if (difference.empty()) {
    difference = broadcast_difference(expected, actual);
  }
  return difference.empty() ? occupancy_difference(expected, actual) : difference;
}

void check_layers(const NamedMachine& machine, std::uint64_t first_seed, std::uint64_t count) {
  const auto rtl = eie::make_rtl_engine(machine.parameters, test_rtl_build());
  for (std::uint64_t seed = first_seed; seed < first_seed + count; ++seed) {
    const Case c = random_layer(machine.parameters, seed);
    INFO(machine.name << ", layer seed " << seed << ", " << describe(c));
    const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(c.parameters));
    eie::check_capacity(c.parameters, c.layer, image);
    const ObservedRun actual = run_rtl(*rtl, c, image);
    const std::string difference = first_difference(run_systemc_observed(c), actual);
    REQUIRE(difference == "");
    REQUIRE(actual.result.outputs == dense_reference(c.parameters, c.layer, c.activations));
  }
}

}  // namespace lacuna::test
