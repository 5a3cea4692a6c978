#include <cmath>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/data/import/npy_file.h"
#include "sim/data/import/npy_import.h"
#include "tests/sim/data/import/write_npy.h"

using namespace lacuna;

namespace {

/// A folder with a layer of 3 outputs, 2 inputs and a bias.
class LayerFolder {
 public:
  LayerFolder() {
    test::write_npy<std::int32_t>(file("indptr"), "<i4", "(4,)", {0, 2, 3, 4});
    test::write_npy<std::uint16_t>(file("indices"), "<u2", "(4,)", {0, 2, 1, 0});
    test::write_npy<std::uint8_t>(file("codes"), "|u1", "(4,)", {1, 2, 2, 1});
    test::write_npy<float>(file("codebook"), "<f4", "(3,)", {0.0F, 1.0F, -2.0F});
    test::write_npy<float>(file("activations"), "<f4", "(2,)", {0.5F, 0.0F});
  }
  std::string file(const std::string& name) const { return folder.file(name + ".npy"); }

  test::TemporaryFolder folder;
};

}  // namespace

TEST_CASE("shared weights are imported as they are, the further column is the bias") {
  const LayerFolder layer;
  const Trace trace = import_csc_npy(layer.folder.path(), std::nullopt);
  CHECK(trace.matrix.rows == 3);
  CHECK(trace.matrix.columns == 3);
  CHECK(trace.has_bias);
  CHECK(trace.matrix.column_starts == std::vector<std::uint64_t>{0, 2, 3, 4});
  CHECK(trace.matrix.row_indices == std::vector<std::uint32_t>{0, 2, 1, 0});
  CHECK(trace.matrix.codes == std::vector<std::uint8_t>{1, 2, 2, 1});
  CHECK(trace.codebook == std::vector<float>{0.0F, 1.0F, -2.0F});
  CHECK(trace.activations.values == std::vector<float>{0.5F, 0.0F});
  CHECK(import_csc_npy(layer.folder.path(), 7).matrix.rows == 7);
}

TEST_CASE("as many inputs as columns: no bias") {
  const LayerFolder layer;
  test::write_npy<float>(layer.file("activations"), "<f4", "(2, 3)", {1, 2, 3, 4, 5, 6});
  const Trace trace = import_csc_npy(layer.folder.path(), std::nullopt);
  CHECK_FALSE(trace.has_bias);
  CHECK(trace.activations.vectors == 2);
}

TEST_CASE("files that contradict each other are refused") {
  const auto refusal = [](void (*spoil)(const LayerFolder&)) {
    const LayerFolder layer;
    spoil(layer);
    return test::message_of<InputDataError>([&] { import_csc_npy(layer.folder.path(), std::nullopt); });
  };
  CHECK(refusal([](const LayerFolder&) {}).empty());
  CHECK_THAT(refusal([](const LayerFolder& l) { std::filesystem::remove(l.file("codes")); }),
             Catch::Contains("codes.npy: cannot be opened"));
  CHECK_THAT(refusal([](const LayerFolder& l) {
               test::write_npy<std::int32_t>(l.file("indptr"), "<i4", "(4,)", {0, 3, 2, 4});
             }),
             Catch::Contains("goes backwards"));
  CHECK_THAT(refusal([](const LayerFolder& l) {
               test::write_npy<std::int32_t>(l.file("indptr"), "<i4", "(1,)", {0});
             }),
             Catch::Contains("at least one column"));
  CHECK_THAT(refusal([](const LayerFolder& l) {
               test::write_npy<std::int32_t>(l.file("indices"), "<i4", "(4,)", {0, -2, 1, 0});
             }),
             Catch::Contains("indices.npy: element 1 is out of range"));
  CHECK_THAT(refusal([](const LayerFolder& l) {
               test::write_npy<std::uint32_t>(l.file("indices"), "<u4", "(4,)", {0, 4294967295U, 1, 0});
             }),
             Catch::Contains("less than 2^31 rows"));
  CHECK_THAT(refusal([](const LayerFolder& l) {
               test::write_npy<std::uint8_t>(l.file("codes"), "|u1", "(4,)", {1, 3, 2, 1});
             }),
             Catch::Contains("code 3"));
  CHECK_THAT(refusal([](const LayerFolder& l) {
               test::write_npy<float>(l.file("codebook"), "<f4", "(1, 3)", {0, 1, 2});
             }),
             Catch::Contains("codebook.npy: is not a list"));
  CHECK_THAT(refusal([](const LayerFolder& l) {
               test::write_npy<float>(l.file("codebook"), "<f4", "(3,)", {0, NAN, 2});
             }),
             Catch::Contains("element 1 is not finite"));
  CHECK_THAT(refusal([](const LayerFolder& l) {
               test::write_npy<float>(l.file("activations"), "<f4", "(5,)", {1, 2, 3, 4, 5});
             }),
             Catch::Contains("activations.npy: shape [5]"));
  CHECK_THAT(refusal([](const LayerFolder& l) {
               test::write_npy<std::int32_t>(l.file("indptr"), "<i4", "(4,)", {0, 0, 0, 0});
               test::write_npy<std::uint16_t>(l.file("indices"), "<u2", "(0,)", {});
               test::write_npy<std::uint8_t>(l.file("codes"), "|u1", "(0,)", {});
             }),
             Catch::Contains("number of rows is unknown"));
}

TEST_CASE("AlexNet fc8 as its authors shared it gives the recorded outputs exactly") {
  const std::filesystem::path folder = test::data_folder() / "alexnet_fc8";
  if (!std::filesystem::exists(folder)) {
    WARN("skipped: no alexnet_fc8 in LACUNA_DATA or ../shared/data");
    return;
  }
  const Trace trace = import_csc_npy(folder.string(), std::nullopt);
  CHECK(trace.matrix.rows == 1000);
  CHECK(trace.inputs() == 4096);
  CHECK(trace.has_bias);
  CHECK(trace.matrix.nonzeros() == 1051991);
  CHECK(trace.matrix.nonzeros() - trace.matrix.column_starts[4096] == 959);
  std::vector<double> outputs(1000, 0.0);
  for (std::uint32_t column = 0; column <= 4096; ++column) {
    const double activation = column < 4096 ? static_cast<double>(trace.activations.values[column]) : 1.0;
    for (std::uint64_t i = trace.matrix.column_starts[column]; i < trace.matrix.column_starts[column + 1U];
         ++i) {
      outputs[trace.matrix.row_indices[i]] +=
          activation * static_cast<double>(trace.codebook[trace.matrix.codes[i]]);
    }
  }
  const NpyArray expected = read_npy((folder / "outputs_float64.npy").string());
  double largest = 0.0;
  for (std::size_t row = 0; row < 1000; ++row) {
    largest = std::max(largest, std::fabs(outputs[row] - expected.reals[row]));
  }
  CHECK(largest < 1e-12);
}
