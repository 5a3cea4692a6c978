#include <cmath>

#include <catch2/catch.hpp>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "sim/data/import/npy_import.h"
#include "sim/data/import/sparse_matrix.h"
#include "sim/data/import/weight_matrix.h"
#include "tests/sim/data/import/write_npy.h"

using namespace lacuna;

namespace {

/// Files of a layer of 2 outputs and 3 inputs with bias, 2 vectors and labels.
class LayerFiles {
 public:
  LayerFiles() {
    files = {folder.file("w.npy"), folder.file("b.npy"), folder.file("a.npy"), folder.file("l.npy")};
    test::write_npy<float>(files.weights, "<f4", "(2, 3)", {0.5F, 0.0F, -1.0F, 0.0F, 0.0F, 0.5F});
    test::write_npy<float>(files.bias, "<f4", "(2,)", {0.0F, 2.0F});
    test::write_npy<float>(files.activations, "<f4", "(2, 3)", {1, 2, 3, 0, 0, 4});
    test::write_npy<std::uint8_t>(files.labels, "|u1", "(2,)", {1, 0});
  }

  test::TemporaryFolder folder;
  DenseLayerFiles files;
};

}  // namespace

TEST_CASE("a dense layer becomes compressed columns with the bias as last column") {
  const LayerFiles layer;
  const Trace trace = import_weight_layer("npy", layer.files, {}, 1);
  CHECK(trace.matrix.rows == 2);
  CHECK(trace.matrix.columns == 4);
  CHECK(trace.has_bias);
  CHECK(trace.codebook == std::vector<float>{0.0F, -1.0F, 0.5F, 2.0F});
  CHECK(trace.matrix.column_starts == std::vector<std::uint64_t>{0, 1, 1, 3, 4});
  CHECK(trace.matrix.row_indices == std::vector<std::uint32_t>{0, 0, 1, 1});
  CHECK(trace.matrix.codes == std::vector<std::uint8_t>{2, 1, 2, 3});
  CHECK(trace.activations.vectors == 2);
  CHECK(trace.activations.values == std::vector<float>{1, 2, 3, 0, 0, 4});
  CHECK(trace.labels == std::vector<std::int32_t>{1, 0});
  CHECK(trace.provenance.at("weights_file") == "w.npy");
  CHECK(trace.provenance.at("weights_sha256") == sha256_file(layer.files.weights));
  CHECK(trace.provenance.at("weight_sharing_mean_squared_error") == "0.000000e+00");
}

TEST_CASE("bias and labels may be absent, and one vector may have one dimension") {
  LayerFiles layer;
  layer.files.bias.clear();
  layer.files.labels.clear();
  test::write_npy<float>(layer.files.activations, "<f4", "(3,)", {1, 2, 3});
  const Trace trace = import_weight_layer("npy", layer.files, {}, 1);
  CHECK_FALSE(trace.has_bias);
  CHECK(trace.matrix.columns == 3);
  CHECK(trace.activations.vectors == 1);
  CHECK(trace.labels.empty());
}

TEST_CASE("biases far larger than the weights have shared values of their own") {
  // 64 weights within 0.02 and 8 biases of 1 to 8 in a codebook of 15 values.
  DenseMatrix weights{8, 8, {}};
  std::vector<float> bias;
  for (int i = 0; i < 64; ++i) {
    weights.values.push_back(static_cast<float>(i * 29 % 64 - 31) / 1600.0F + 0.0003F);
  }
  for (int i = 0; i < 8; ++i) {
    bias.push_back(static_cast<float>(i % 2 == 0 ? i + 1 : -i - 1));
  }
  SparseMatrix columns;
  columns.rows = columns.columns = 8;
  columns.column_starts = {0};
  for (std::uint32_t i = 0; i < 64; ++i) {
    columns.row_indices.push_back(i % 8);
    columns.values.push_back(weights.values[i % 8 * 8 + i / 8]);
    if (i % 8 == 7) {
      columns.column_starts.push_back(i + 1);
    }
  }
  for (const bool sparse : {false, true}) {
    const Trace trace =
        sparse ? share_sparse_layer(columns, bias, {}, 1e6) : share_dense_layer(weights, bias, {}, 1e6);
    CHECK(trace.codebook.size() == 16);
    CHECK_THAT(trace.provenance.at("bias_sharing"), Catch::Contains("3 values of their own"));
    CHECK_THAT(trace.provenance.at("weight_sharing"), Catch::Contains("12 shared values and zero"));
    // Evenly spaced weights in 12 clusters of at most 6: none is off by more than 2.5 steps, where one
    // codebook of both left three values to all of them.
    double largest = 0.0;
    double off = 0.0;
    for (std::uint32_t column = 0; column <= 8; ++column) {
      for (std::uint64_t i = trace.matrix.column_starts[column]; i < trace.matrix.column_starts[column + 1U];
           ++i) {
        const std::uint32_t row = trace.matrix.row_indices[i];
        const float value = trace.codebook[trace.matrix.codes[i]];
        const float wanted = column < 8 ? weights.values[row * 8 + column] : bias[row];
        double& worst = column < 8 ? largest : off;
        worst = std::max(worst, std::fabs(static_cast<double>(value) - static_cast<double>(wanted)));
      }
    }
    CHECK(largest < 2.6 / 1600.0);
    CHECK(off < 3.0);
  }
}

TEST_CASE("biases keep values of the common codebook where the outputs' error is theirs") {
  // With activations of mean square 1 the biases' errors decide: each keeps a value, as k-means over all has
  // it.
  DenseMatrix weights{8, 4, {}};
  std::vector<float> bias;
  for (int i = 0; i < 32; ++i) {
    weights.values.push_back(static_cast<float>(i * 29 % 32 - 15) / 1600.0F + 0.0003F);
  }
  for (int i = 0; i < 8; ++i) {
    bias.push_back(static_cast<float>(i % 2 == 0 ? i + 1 : -i - 1));
  }
  const Trace trace = share_dense_layer(weights, bias, {});
  CHECK(trace.provenance.count("bias_sharing") == 0);
  for (std::uint64_t i = trace.matrix.column_starts[4]; i < trace.matrix.column_starts[5]; ++i) {
    CHECK(trace.codebook[trace.matrix.codes[i]] == bias[trace.matrix.row_indices[i]]);
  }
}

TEST_CASE("the sharing follows the options") {
  LayerFiles layer;
  KmeansOptions options;
  options.shared_values = 1;
  const Trace trace = import_weight_layer("npy", layer.files, options, 1);
  REQUIRE(trace.codebook.size() == 2);
  CHECK(trace.codebook[1] == 0.5F);  // mean of 0.5, -1, 0.5, 2
  CHECK(trace.matrix.codes == std::vector<std::uint8_t>{1, 1, 1, 1});
}

TEST_CASE("files that do not fit each other are refused") {
  const auto refusal = [](void (*spoil)(LayerFiles&)) {
    LayerFiles layer;
    spoil(layer);
    return test::message_of<InputDataError>([&] { import_weight_layer("npy", layer.files, {}, 1); });
  };
  CHECK(refusal([](LayerFiles&) {}).empty());
  CHECK_THAT(refusal([](LayerFiles& l) {
               test::write_npy<float>(l.files.weights, "<f4", "(6,)", std::vector<float>(6));
             }),
             Catch::Contains("w.npy: shape [6]"));
  CHECK_THAT(refusal([](LayerFiles& l) { test::write_npy<float>(l.files.weights, "<f4", "(0, 3)", {}, 1); }),
             Catch::Contains("shape [0, 3]"));
  CHECK_THAT(refusal([](LayerFiles& l) {
               test::write_npy<float>(l.files.weights, "<f4", "(1, 3)", {1.0F, NAN, 2.0F});
             }),
             Catch::Contains("element 1 is not finite"));
  CHECK_THAT(refusal([](LayerFiles& l) {
               test::write_npy<float>(l.files.bias, "<f4", "(3,)", {1, 2, 3});
             }),
             Catch::Contains("b.npy: shape [3]; [2]"));
  CHECK_THAT(refusal([](LayerFiles& l) {
               test::write_npy<float>(l.files.activations, "<f4", "(1, 2)", {1, 2});
             }),
             Catch::Contains("a.npy: shape [1, 2]"));
  CHECK_THAT(
      refusal([](LayerFiles& l) { test::write_npy<float>(l.files.activations, "<f4", "(0, 3)", {}, 1); }),
      Catch::Contains("at least one vector"));
  CHECK_THAT(refusal([](LayerFiles& l) { test::write_npy<float>(l.files.activations, "<f4", "()", {1}); }),
             Catch::Contains("a.npy: shape []"));
  CHECK_THAT(
      refusal([](LayerFiles& l) { test::write_npy<std::uint8_t>(l.files.labels, "|u1", "(1,)", {1}); }),
      Catch::Contains("l.npy: shape [1]; [2]"));
  CHECK_THAT(refusal([](LayerFiles& l) { l.files.weights = "/no/such.npy"; }),
             Catch::Contains("cannot be opened"));
}
