#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/data/import/npy_file.h"
#include "sim/files/npy_output.h"
#include "sim/report/numbers_report.h"
#include "tests/file_bytes.h"
#include "tests/temporary_folder.h"

using namespace lacuna;

namespace {

std::vector<unsigned char> bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

LayerValues some_values() {
  LayerValues values;
  values.name = "fc";
  values.shape = {2, 3};
  values.vectors = 1;
  values.raw = {-5, 0, 3, 32767, -32768, 1};
  values.unit_exponent = -4;
  values.format = "16 bits with 11 integer bits";
  return values;
}

Measured layer_with(double clipped, double vanished) {
  Measured layer;
  layer.name = "conv";
  layer.numbers.emplace();
  QuantisationTally& weights = layer.numbers->weights;
  weights.values = 10000;
  weights.clipped = static_cast<std::uint64_t>(clipped * 10000);
  weights.vanished = static_cast<std::uint64_t>(vanished * 10000);
  weights.signal = 100.0;
  weights.noise = 1.0;
  return layer;
}

}  // namespace

TEST_CASE("arrays are read as they were written") {
  const NpyArray reals = parse_npy(bytes_of(npy_of(std::vector<double>{1.5, -0.0625, 1e-300}, {3})), "a");
  CHECK(reals.shape == std::vector<std::uint64_t>{3});
  CHECK(reals.reals == std::vector<double>{1.5, -0.0625, 1e-300});
  const NpyArray integers =
      parse_npy(bytes_of(npy_of(std::vector<std::int64_t>{-7, INT64_MAX}, {1, 2})), "b");
  CHECK(integers.shape == std::vector<std::uint64_t>{1, 2});
  CHECK(integers.integers == std::vector<std::int64_t>{-7, INT64_MAX});
  const std::string text = npy_of(std::string("a\xc3\xa9\xff"));
  CHECK(text.size() == 128 + 3 * 4);  // each letter in 32 bits
  CHECK(text.find("'descr': '<U3'") != std::string::npos);
  CHECK(text.substr(132, 4) == std::string("\xe9\0\0\0", 4));
  CHECK(text.substr(136, 4) == std::string("\xfd\xff\0\0", 4));  // not UTF-8: the replacement character
}

TEST_CASE("values of the last layer are exact real numbers") {
  const test::TemporaryFolder folder;
  LayerValues first = some_values();
  first.raw.clear();
  write_values(folder.file("o.npy"), {first, some_values()});
  const NpyArray read = read_npy(folder.file("o.npy"));
  CHECK(read.shape == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(read.reals == std::vector<double>{-0.3125, 0.0, 0.1875, 2047.9375, -2048.0, 0.0625});
}

TEST_CASE("values of all layers: the same bytes each time, layers of one name told apart") {
  const test::TemporaryFolder folder;
  const std::vector<LayerValues> layers = {some_values(), some_values()};
  write_values(folder.file("a.npz"), layers);
  write_values(folder.file("b.npz"), layers);
  const std::string bytes = test::read_whole(folder.file("a.npz"));
  CHECK(bytes == test::read_whole(folder.file("b.npz")));
  for (const char* name : {"fc.npy", "fc.raw.npy", "fc.unit_exponent.npy", "fc.format.npy", "fc#2.npy"}) {
    CHECK(bytes.find(name) != std::string::npos);
  }
  CHECK(bytes.find("reference") == std::string::npos);
  CHECK(kept_values_of("x.npz") == KeptValues::of_all_layers);
  CHECK(kept_values_of("x.npy") == KeptValues::of_last_layer);
  CHECK_THROWS_WITH(kept_values_of("x.txt"),
                    Catch::Contains("x.txt: --outputs: says no format") && Catch::Contains("FILE.npz"));
}

TEST_CASE("more values than the budget holds are refused") {
  WantedValues wanted;
  wanted.kept = KeptValues::of_all_layers;
  CHECK_NOTHROW(check_kept_values(65536, wanted, 1));
  CHECK_THROWS_AS(check_kept_values(65537, wanted, 1), CapacityError);
  wanted.reference = true;
  CHECK_THROWS_AS(check_kept_values(65536, wanted, 1), CapacityError);
  CHECK_THROWS_AS(check_kept_values(UINT64_MAX, wanted, 1024), CapacityError);
}

TEST_CASE("what is lost of a layer is said, little is not") {
  CHECK(numbers_notes({layer_with(0.0, 0.4), layer_with(0.0005, 0.0), Measured()}).empty());
  CHECK(numbers_notes({layer_with(0.0, 0.98)}) ==
        std::vector<std::string>{
            "layer 'conv': of the weights that are not zero 98.00 % round to zero in the machine's format"});
  CHECK(
      numbers_notes({layer_with(0.01, 0.5)}) ==
      std::vector<std::string>{"layer 'conv': of the weights that are not zero 1.00 % clip, 50.00 % round to "
                               "zero in the machine's format"});
  const std::string table = numbers_text({layer_with(0.00001, 0.25)});
  CHECK(table.find("25.00") != std::string::npos);
  CHECK(table.find("-20.0") != std::string::npos);
  CHECK(numbers_text({Measured()}).empty());
}

TEST_CASE("errors against floating point, layer by layer") {
  LayerValues values = some_values();
  CHECK(reference_text({values}).empty());
  values.error.emplace();
  values.error->add(1.0, 1.0, false);
  CHECK(reference_text({values}).find("exact") != std::string::npos);
  values.error->add(1.0, 0.9, false);
  CHECK(reference_text({values}).find("23.0") != std::string::npos);  // 2 over 0.01
}
