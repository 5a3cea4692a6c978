#include <catch2/catch.hpp>

#include "tests/models/eie/rtl/differential.h"

// RTL against SystemC: 7 machines, 30 layers each.

namespace lacuna::test {
namespace {

constexpr std::uint64_t layers = 30;

void check_corner_machine(std::size_t index) {
  const NamedMachine machine = corner_machines().at(index);
  check_layers(machine, 1000 * (index + 1), layers);
}

}  // namespace

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
TEST_CASE("RTL equals SystemC: 17 PEs without bypass, queue depth 1") {
  check_corner_machine(5);
}
TEST_CASE("RTL equals SystemC: activation-SRAM words of one activation and a bit") {
  check_corner_machine(6);
}

}  // namespace lacuna::test
