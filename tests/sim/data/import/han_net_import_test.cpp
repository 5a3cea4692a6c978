#include <cmath>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/data/import/han_net.h"
#include "tests/sim/data/import/net_bytes.h"

using namespace lacuna;

namespace {

HanNetLayer small_layer(std::size_t number) {
  const test::TemporaryFolder folder;
  test::write_all(folder.file("n.net"), test::net_bytes(test::small_net()));
  return read_han_net(folder.file("n.net"), test::small_net_shapes())[number];
}

float weight_at(const Trace& trace, std::uint32_t row, std::uint32_t column) {
  for (std::uint64_t i = trace.matrix.column_starts[column]; i < trace.matrix.column_starts[column + 1U];
       ++i) {
    if (trace.matrix.row_indices[i] == row) {
      return trace.codebook[trace.matrix.codes[i]];
    }
  }
  return 0.0F;
}

}  // namespace

TEST_CASE("a 1x1 layer becomes a matrix, and without the bias codebook and codes are the file's") {
  const HanNetLayer layer = small_layer(0);
  const Trace trace = trace_of_pointwise_layer(layer, BiasHandling::leave_out);
  CHECK(trace.codebook == layer.codebook);
  CHECK_FALSE(trace.has_bias);
  CHECK(trace.matrix.rows == 2);
  CHECK(trace.matrix.columns == 20);
  CHECK(trace.matrix.nonzeros() == 4);
  CHECK(weight_at(trace, 0, 2) == 1.75F);
  CHECK(weight_at(trace, 1, 2) == 2.25F);
  CHECK(weight_at(trace, 1, 3) == 63.75F);
  CHECK(weight_at(trace, 1, 18) == 0.25F);
  CHECK(trace.provenance.at("bias") == "left out");
}

TEST_CASE("with room in the codebook weights and biases are exact") {
  const Trace trace = trace_of_pointwise_layer(small_layer(0), BiasHandling::share);
  CHECK(trace.has_bias);
  CHECK(trace.matrix.columns == 21);
  CHECK(trace.codebook == std::vector<float>{0.0F, -1.0F, 0.25F, 1.75F, 2.25F, 63.75F});
  CHECK(weight_at(trace, 1, 18) == 0.25F);
  CHECK(weight_at(trace, 0, 20) == 0.25F);
  CHECK(weight_at(trace, 1, 20) == -1.0F);
  CHECK(trace.provenance.at("bias_largest_error") == "0.000000e+00");
}

TEST_CASE("other kernels are refused") {
  CHECK_THROWS_WITH(trace_of_pointwise_layer(small_layer(1), BiasHandling::share),
                    Catch::Contains("square has a 3x3 kernel"));
}

TEST_CASE("the 1x1 layers of SqueezeNet keep weights and biases to 0.004") {
  const std::filesystem::path path = test::data_folder() / "squeezenet" / "compressed_SqueezeNet.net";
  if (!std::filesystem::exists(path)) {
    WARN("skipped: no squeezenet in LACUNA_DATA or ../shared/data");
    return;
  }
  int pointwise = 0;
  for (const HanNetLayer& layer : read_han_net(path.string(), squeezenet_shapes())) {
    if (layer.shape.kernel_width != 1) {
      continue;
    }
    ++pointwise;
    INFO(layer.shape.name);
    const Trace trace = trace_of_pointwise_layer(layer, BiasHandling::share);
    double largest = 0.0;
    for (std::uint32_t row = 0; row < layer.shape.outputs; ++row) {
      largest = std::max(largest, std::fabs(static_cast<double>(weight_at(trace, row, layer.shape.inputs)) -
                                            static_cast<double>(layer.biases[row])));
    }
    CHECK(largest < 0.004);
    CHECK(std::stod(trace.provenance.at("bias_largest_error")) == Approx(largest).margin(1e-8));
    CHECK(std::stod(trace.provenance.at("weight_largest_error")) < 0.004);
    const Trace plain = trace_of_pointwise_layer(layer, BiasHandling::leave_out);
    CHECK(plain.matrix.nonzeros() == layer.positions.size());
  }
  CHECK(pointwise == 17);
}
