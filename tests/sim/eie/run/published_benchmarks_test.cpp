#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/eie/run/prepare_layer.h"
#include "tests/file_bytes.h"

using namespace lacuna;

namespace {

const std::string reference_folder = std::string(LACUNA_SOURCE_DIR) + "/configs/reference";

}  // namespace

TEST_CASE("the nine published layers are read from the table") {
  const auto benchmarks = read_published_benchmarks(reference_folder);
  REQUIRE(benchmarks.size() == 9);
  const PublishedBenchmark& vgg = find_published_benchmark(benchmarks, "VGG-6");
  CHECK(vgg.network == "VGG-16");
  CHECK(vgg.inputs == 25088);
  CHECK(vgg.outputs == 4096);
  CHECK(vgg.weight_density == 0.04);
  CHECK(vgg.activation_density == 0.183);
  CHECK(vgg.flop_fraction == 0.01);
  const GeneratedLayer layer = generated_layer(vgg, 42);
  CHECK(layer.rows == 4096);
  CHECK(layer.inputs == 25088);
  CHECK(layer.weight_density == 0.04);
  CHECK(layer.activation_density == 0.183);
  CHECK(layer.seed == 42);
  CHECK(layer.name == "VGG-6");
}

TEST_CASE("an unknown benchmark is refused with the names there are") {
  const auto benchmarks = read_published_benchmarks(reference_folder);
  CHECK_THROWS_WITH(find_published_benchmark(benchmarks, "VGG-9"),
                    Catch::Contains("VGG-8") && Catch::Contains("NT-We"));
}

TEST_CASE("impossible figures in the table are refused with their line") {
  const test::TemporaryFolder folder;
  const std::string header =
      "layer,network,inputs,outputs,weight_density,activation_density,flop_fraction,description\n";
  for (const char* row : {"A,N,0,10,0.1,0.1,0.1,d", "A,N,10,1.5,0.1,0.1,0.1,d", "A,N,10,10,1.1,0.1,0.1,d",
                          "A,N,10,10,0.1,-0.1,0.1,d", "A,N,1e12,10,0.1,0.1,0.1,d"}) {
    INFO(row);
    const std::string text = header + row + "\n";
    test::write_all(folder.file("eie_benchmarks.csv"), {text.begin(), text.end()});
    CHECK_THROWS_WITH(read_published_benchmarks(folder.path()), Catch::Contains("eie_benchmarks.csv:2: "));
  }
  CHECK_THROWS_AS(read_published_benchmarks(folder.file("missing")), InputDataError);
}
