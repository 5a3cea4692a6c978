// With the RTL engine, which compiles its machines first.

#include "tests/sim/cli/limits.h"

using namespace lacuna::test;

TEST_CASE("a layer at the limit of the sparse-matrix memory runs on every engine") {
  check_layer_at_sram_limit({"timeline", "systemc", "rtl"});
}

TEST_CASE("the largest machine runs on every engine") {
  check_largest_machine({"timeline", "systemc", "rtl"});
}
