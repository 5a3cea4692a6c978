#include <map>
#include <string_view>

#include <catch2/catch.hpp>

#include "tests/models/eie/rtl/differential.h"
#include "tests/models/eie/rtl/random_layer.h"

// RTL against SystemC: 7 machines, 30 layers each.

namespace lacuna::test {
namespace {

constexpr std::uint64_t layers = 30;

std::uint64_t first_seed(std::size_t machine) {
  return 1000 * (machine + 1);
}

void check_corner_machine(std::size_t index) {
  const NamedMachine machine = corner_machines().at(index);
  check_layers(machine, first_seed(index), layers);
}

void count_nonzero(std::map<std::string_view, std::uint64_t>& sums, const eie::RunResult& result) {
  for (const eie::PeResult& pe : result.pes) {
    for (std::size_t i = 0; i < eie::cycle_class_count; ++i) {
      sums[eie::cycle_class_info[i].name] += pe.cycles.values[i];
    }
    for (std::size_t i = 0; i < eie::pe_event_count; ++i) {
      sums[eie::pe_event_info[i].name] += pe.events.values[i];
    }
  }
  for (std::size_t i = 0; i < eie::control_event_count; ++i) {
    sums[eie::control_event_info[i].name] += result.control.values[i];
  }
}

}  // namespace

TEST_CASE("The compared layers make every counter count") {
  std::map<std::string_view, std::uint64_t> sums;
  for (std::size_t index = 0; index < corner_machines().size(); ++index) {
    const eie::Parameters parameters = corner_machines()[index].parameters;
    const auto engine = eie::make_rtl_engine(parameters, test_rtl_build());
    for (std::uint64_t seed = first_seed(index); seed < first_seed(index) + layers; ++seed) {
      const Case c = random_layer(parameters, seed);
      const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(parameters));
      count_nonzero(sums, engine->run(c.layer, image, c.activations));
    }
  }
  for (const auto& [name, sum] : sums) {
    INFO(name);
    CHECK(sum > 20);
  }
}

TEST_CASE("RTL equals SystemC: one PE and queue depth 1") {
  check_corner_machine(0);
}
TEST_CASE("RTL equals SystemC: neither bypass nor prefetch, index bits 2") {
  check_corner_machine(1);
}
TEST_CASE("RTL equals SystemC: published widths") {
  check_corner_machine(2);
}
TEST_CASE("RTL equals SystemC: activations split between words") {
  check_corner_machine(3);
}
TEST_CASE("RTL equals SystemC: narrow accumulators") {
  check_corner_machine(4);
}
TEST_CASE("RTL equals SystemC: 17 PEs without bypass") {
  check_corner_machine(5);
}
TEST_CASE("RTL equals SystemC: activation-SRAM words of one activation and a bit") {
  check_corner_machine(6);
}

}  // namespace lacuna::test
