#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/energy/cost_tables.h"
#include "tests/file_bytes.h"

using namespace lacuna;

namespace {

const ErrorPlace place = {"t.yaml", 3, "operations.0"};

OperationTable table_of(const std::string& rows) {
  const test::TemporaryFolder folder;
  return {folder.write("o.csv", "operation,bits,energy_pj\n" + rows), "add", 4.0, 64.0, place};
}

std::string refusal(const std::string& rows) {
  return test::message_of<Error>([&rows] { table_of(rows); });
}

}  // namespace

TEST_CASE("an operation's energy follows a power law of its width") {
  const OperationTable table = table_of("add,8,1\nadd,32,4\nmultiply,8,9\n");
  CHECK(table.energy_pj(8, place) == Approx(1.0));
  CHECK(table.energy_pj(16, place) == Approx(2.0));
  CHECK(table.energy_pj(64, place) == Approx(8.0));
  CHECK(table_of("add,8,1\n").energy_pj(16, place) == Approx(2.0));
}

TEST_CASE("tables and widths that give no energy are refused") {
  CHECK_THAT(refusal("multiply,8,9\n"), Catch::Contains("'add' is not in the file; allowed: multiply"));
  CHECK_THAT(refusal("add,8,9\nadd,8,1\n"), Catch::Contains("add has a width twice"));
  CHECK_THAT(refusal("add,0,9\n"), Catch::Contains("o.csv:2: width or energy is not positive"));
  CHECK_THAT(refusal("add,8,-1\n"), Catch::Contains("not positive"));
  for (const double bits : {3.0, 65.0}) {
    CHECK_THAT(test::message_of<ConfigurationError>([&] { table_of("add,8,1\n").energy_pj(bits, place); }),
               Catch::Contains("t.yaml:3: operations.0: add of " + std::to_string(static_cast<int>(bits)) +
                               " bits; 4 to 64 bits"));
  }
}
