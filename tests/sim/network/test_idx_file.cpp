#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/network/input_images.h"
#include "tests/data_folder.h"
#include "tests/temporary_folder.h"

using namespace lacuna;

namespace {

std::string refusal(const std::string& bytes) {
  const test::TemporaryFolder folder;
  try {
    read_idx(folder.write("a.idx", bytes));
  } catch (const InputDataError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("an IDX file") {
  const test::TemporaryFolder folder;
  const std::string bytes = std::string("\0\0\x08\x02\0\0\0\x02\0\0\0\x03", 12) + "abcdef";
  const IdxArray array = read_idx(folder.write("a.idx", bytes));
  CHECK(array.shape == std::vector<std::uint32_t>{2, 3});
  CHECK(array.values == std::vector<unsigned char>{'a', 'b', 'c', 'd', 'e', 'f'});
}

TEST_CASE("IDX files that are none") {
  const std::string head("\0\0\x08\x01\0\0\0\x03", 8);
  CHECK(refusal(head + "abc") == "accepted");
  CHECK_THAT(refusal(head + "ab"), Catch::Contains("ends too soon"));
  CHECK_THAT(refusal(head + "abcd"), Catch::Contains("longer"));
  CHECK_THAT(refusal(""), Catch::Contains("ends too soon"));
  CHECK_THAT(refusal(std::string("\0\0\x0d\x01\0\0\0\x03", 8)), Catch::Contains("no IDX file"));
  CHECK_THAT(refusal(std::string("\0\0\x08\x01\0\0\0\0", 8)), Catch::Contains("empty"));
  CHECK_THAT(refusal(std::string("\0\0\x08\x02\xff\xff\xff\xff\xff\xff\xff\xff", 12)),
             Catch::Contains("too large"));
  // Half a gigabyte promised, nothing there: refused without allocating it.
  CHECK_THAT(refusal(std::string("\0\0\x08\x01\x20\0\0\0", 8)), Catch::Contains("ends too soon"));
  CHECK_THAT(refusal(std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03\xff\xff", 12)), Catch::Contains(".idx: "));
}

TEST_CASE("the MNIST test images, compressed") {
  const auto folder = test::data_folder();
  if (folder.empty()) {
    WARN("skipped: no data folder");
    return;
  }
  const IdxArray images = read_idx((folder / "mnist/t10k-images-idx3-ubyte.gz").string());
  CHECK(images.shape == std::vector<std::uint32_t>{10000, 28, 28});
  const IdxArray labels = read_idx((folder / "mnist/t10k-labels-idx1-ubyte.gz").string());
  CHECK(labels.shape == std::vector<std::uint32_t>{10000});
  CHECK(labels.values[0] == 7);
  CHECK(labels.values[1] == 2);
}
