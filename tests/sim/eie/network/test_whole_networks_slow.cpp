#include <catch2/catch.hpp>

#include "sim/eie/config/load_config.h"
#include "sim/eie/network/run_network.h"
#include "tests/data_folder.h"

using namespace lacuna;

namespace {

const std::string configs = std::string(LACUNA_SOURCE_DIR) + "/configs/";

RunReport run(const std::string& path, const std::vector<std::string>& assignments) {
  ConfigOverrides overrides;
  overrides.assignments = assignments;
  const RunConfig config = load_run_config(path, overrides);
  RunOptions options;
  options.threads = 2;
  return run_network(config, options);
}

}  // namespace

TEST_CASE(
    "SqueezeNet sees the Samoyed in the machine's fixed point, SystemC agrees on pixels of every layer") {
  for (const std::string lowering : {"im2col", "kernel_offsets", "winograd"}) {
    INFO(lowering);
    // One vector of each of kernel_offsets' 49 + 8 * 9 + 17 matrices is enough of them.
    const std::string vectors = lowering == "im2col" ? "4" : "1";
    const RunReport report =
        run(configs + "squeezenet-network.yaml",
            {"workload.lowering.convolution=" + lowering, "workload.lowering.check_vectors=" + vectors});
    CHECK(report.layers.size() == 26);
    CHECK(report.network->best[0][0].index == 258);
    CHECK(report.network->best[0][0].score == Approx(0.776).margin(lowering == "winograd" ? 0.05 : 0.01));
    CHECK(report.network->reference_best[0][0].score == Approx(0.7765).margin(0.0005));
    CHECK(report.network->checked_vectors >= 26 * 4);
    CHECK(report.network->check_failures.empty());
  }
}

TEST_CASE("LeNet-5 over the whole MNIST test set") {
  const auto folder = test::data_folder();
  if (folder.empty()) {
    WARN("skipped: no data folder");
    return;
  }
  const std::string data = "workload.data={idx: " + (folder / "mnist/t10k-images-idx3-ubyte.gz").string() +
                           ", labels: " + (folder / "mnist/t10k-labels-idx1-ubyte.gz").string() +
                           ", scale: 0.00784313725490196, offset: -1}";
  for (const std::string bits : {"4", "8"}) {
    INFO(bits << " bits of codebook index");
    const RunReport report =
        run(configs + "lenet5-network.yaml",
            {data, "workload.lowering.timed_images=10", "workload.lowering.calibration_images=100",
             "architecture.codebook_index_bits=" + bits});
    CHECK(report.network->labelled == 10000);
    CHECK(report.network->correct >= 9927 - 20);  // within 0.2 points of the floating-point network
    CHECK(report.network->correct <= 9927 + 20);
  }
}
