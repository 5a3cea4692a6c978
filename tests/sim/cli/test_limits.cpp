#include "tests/sim/cli/limits.h"

using namespace lacuna::test;

TEST_CASE("a layer at the limit of the sparse-matrix memory runs, one row beyond it does not") {
  check_layer_at_sram_limit({"timeline", "systemc"});
}

TEST_CASE("the largest machine runs on SystemC and timeline") {
  check_largest_machine({"timeline", "systemc"});
}
