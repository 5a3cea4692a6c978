#include <catch2/catch.hpp>

#include "tests/models/eie/rtl/differential.h"

// RTL against SystemC: 24 random machines and 7 corner machines, 80 layers each.

namespace lacuna::test {
namespace {

constexpr std::uint64_t layers = 80;

void check_random_machines(std::uint64_t first_seed) {
  for (std::uint64_t seed = first_seed; seed < first_seed + 6; ++seed) {
    check_layers(random_machine(seed), 100000 * seed, layers);
  }
}

}  // namespace

TEST_CASE("RTL equals SystemC on random machines 1 to 6") {
  check_random_machines(1);
}
TEST_CASE("RTL equals SystemC on random machines 7 to 12") {
  check_random_machines(7);
}
TEST_CASE("RTL equals SystemC on random machines 13 to 18") {
  check_random_machines(13);
}
TEST_CASE("RTL equals SystemC on random machines 19 to 24") {
  check_random_machines(19);
}

TEST_CASE("RTL equals SystemC on many layers of the corner machines") {
  for (const NamedMachine& machine : corner_machines()) {
    check_layers(machine, 500000, layers);
  }
}

}  // namespace lacuna::test
