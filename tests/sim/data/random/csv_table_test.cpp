#include "sim/files/csv_table.h"

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "models/common/error.h"
#include "tests/file_bytes.h"

using namespace lacuna;

namespace {

CsvTable table_of(const std::string& text) {
  const test::TemporaryFolder folder;
  test::write_all(folder.file("t.csv"), {text.begin(), text.end()});
  return CsvTable(folder.file("t.csv"));
}

}  // namespace

TEST_CASE("fields are found by the header, quotes and line ends apart") {
  const CsvTable table = table_of("name,value\r\n\"a, b\",1.5\n\nc,-2e3\n");
  REQUIRE(table.rows() == 2);
  CHECK(table.text(0, "name") == "a, b");
  CHECK(table.number(0, "value") == 1.5);
  CHECK(table.number(1, "value") == -2000.0);
  CHECK(table.line(1) == 4);
}

TEST_CASE("bad tables are refused with their line") {
  CHECK_THROWS_WITH(table_of("a,b\n1,2\n3\n"), Catch::Contains(":3: 1 fields"));
  CHECK_THROWS_WITH(table_of("a\n1 x\n").number(0, "a"), Catch::Contains(":2: a: \"1 x\""));
  CHECK_THROWS_WITH(table_of("a\n1\n").number(0, "b"), Catch::Contains("b: is missing"));
  CHECK_THROWS_AS(table_of("a\nnan\n").number(0, "a"), InputDataError);
  CHECK(table_of("a\n7\n").whole_number(0, "a") == 7);
  for (const std::string wrong : {"0", "-1", "1.5", "1e300"}) {
    CHECK_THROWS_WITH(table_of("a\n" + wrong + "\n").whole_number(0, "a"),
                      Catch::Contains("a whole number from 1"));
  }
  CHECK_THROWS_AS(table_of("a\n\\q\n"), InputDataError);
  CHECK_THROWS_AS(table_of(""), InputDataError);
  CHECK_THROWS_AS(table_of(std::string(2000000, 'x')), InputDataError);
  CHECK_THROWS_AS(CsvTable("/no/such/file.csv"), InputDataError);
  const test::TemporaryFolder folder;
  REQUIRE(mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  CHECK_THROWS_WITH(CsvTable(folder.file("pipe")), Catch::Contains("cannot be read"));
  CHECK_THROWS_WITH(CsvTable(folder.path()), Catch::Contains("cannot be read"));
}
