#include <catch2/catch.hpp>

#include "sim/tomato/run_tomato.h"
#include "tests/data_folder.h"
#include "tests/sim/tomato/configurations.h"

using namespace lacuna;

TEST_CASE("LeNet-5 over the 10,000 test images, whole and with half of conv1's channels") {
  const std::filesystem::path mnist = test::data_folder() / "mnist";
  if (!std::filesystem::is_directory(mnist)) {
    WARN("skipped: no MNIST images");
    return;
  }
  const auto right_with = [&](const std::string& layers) {
    const tomato::TomatoReport report = tomato::run_tomato(
        test::shipped("larger-data/lenet5-mnist",
                      {"architecture.layers=[" + layers + "]",
                       "workload.data.idx=" + (mnist / "t10k-images-idx3-ubyte.gz").string(),
                       "workload.data.labels=" + (mnist / "t10k-labels-idx1-ubyte.gz").string()}));
    CHECK(report.accuracy->labelled == 10000);
    return report.accuracy->correct;
  };
  // The figures of docs/validation.md: integers, so the same everywhere.
  CHECK(right_with("{layer: conv1}") == 9926);
  CHECK(right_with("{layer: conv1, keep_ratio: 0.5}") == 9605);
}
