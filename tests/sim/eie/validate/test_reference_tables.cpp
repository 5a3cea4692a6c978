// Reference tables that lack what a validation compares with.

#include <filesystem>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/eie/validate/benchmark_runs.h"
#include "sim/eie/validate/validate_eie.h"
#include "tests/file_bytes.h"

using namespace lacuna;

TEST_CASE("rows and layers that a table does not have are named") {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("t.csv", "layer,time\na,1\n");
  CHECK(find_row(CsvTable(path), "layer", "a") == 0);
  CHECK_THROWS_WITH(find_row(CsvTable(path), "layer", "b"),
                    Catch::Contains("no row has 'b' in the column layer"));
  const std::vector<BenchmarkActivity> layers = {{"a", {}}};
  CHECK_NOTHROW(activity_of(layers, "a"));
  CHECK_THROWS_WITH(activity_of(layers, "b"), Catch::Contains("no benchmark is named b"));
}

TEST_CASE("a table of times without the published machine is refused") {
  const std::string source = LACUNA_SOURCE_DIR;
  const test::TemporaryFolder folder;
  folder.write("eie_wall_clock_us.csv", "platform,matrix\nother,actual\n");
  ValidationOptions options;
  options.architecture_folder = source + "/configs/architectures";
  options.reference_folder = folder.path();
  options.data_folder = folder.file("none");
  options.engine = EngineKind::timeline;
  CHECK_THAT(test::message_of<InputDataError>([&options] { validate_eie(options); }),
             Catch::Contains("no row EIE 64 PE 800 MHz, theoretical"));
}
