#include "sim/data/import/npy_file.h"

#include <cmath>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "sim/data/import/npy_arrays.h"
#include "tests/sim/data/import/write_npy.h"

using namespace lacuna;
using test::Bytes;

namespace {

template <class T>
NpyArray read_back(const std::string& type, const std::string& shape, const std::vector<T>& values,
                   bool fortran_order = false) {
  const test::TemporaryFolder folder;
  test::write_npy(folder.file("a.npy"), type, shape, values, fortran_order);
  return read_npy(folder.file("a.npy"));
}

std::string refusal(const Bytes& bytes) {
  static const test::TemporaryFolder folder;
  test::write_all(folder.file("a.npy"), bytes);
  return test::message_of<InputDataError>([&] { read_npy(folder.file("a.npy")); });
}

std::string refusal(const std::string& dictionary) {
  return refusal(test::npy_bytes(dictionary, Bytes(24, 0)));
}

}  // namespace

TEST_CASE("every supported type is read") {
  CHECK(read_back<float>("<f4", "(3,)", {1.5F, -2.0F, 0.0F}).reals == std::vector<double>{1.5, -2.0, 0.0});
  CHECK(read_back<double>("<f8", "(1, 2)", {0.1, -1e300}).reals == std::vector<double>{0.1, -1e300});
  CHECK(read_back<std::int8_t>("|i1", "(2,)", {-128, 127}).integers == std::vector<std::int64_t>{-128, 127});
  CHECK(read_back<std::uint8_t>("|u1", "(2,)", {0, 255}).integers == std::vector<std::int64_t>{0, 255});
  CHECK(read_back<std::int16_t>("<i2", "(2,)", {-2, 300}).integers == std::vector<std::int64_t>{-2, 300});
  CHECK(read_back<std::uint16_t>("<u2", "(2,)", {1, 65535}).integers == std::vector<std::int64_t>{1, 65535});
  CHECK(read_back<std::int32_t>("<i4", "(1,)", {-70000}).integers == std::vector<std::int64_t>{-70000});
  CHECK(read_back<std::uint32_t>("<u4", "(1,)", {4000000000U}).integers ==
        std::vector<std::int64_t>{4000000000});
  CHECK(read_back<std::int64_t>("<i8", "(1,)", {INT64_MIN}).integers == std::vector<std::int64_t>{INT64_MIN});
  CHECK(read_back<std::uint64_t>("<u8", "(1,)", {7}).integers == std::vector<std::int64_t>{7});
  CHECK_THROWS_AS(read_back<std::uint64_t>("<u8", "(1,)", {UINT64_MAX}), InputDataError);
}

TEST_CASE("shapes of any rank are read, Fortran order of rank 2 is transposed") {
  CHECK(read_back<float>("<f4", "()", {2.0F}).shape.empty());
  CHECK(read_back<float>("<f4", "(2, 1, 3)", std::vector<float>(6)).shape ==
        std::vector<std::uint64_t>{2, 1, 3});
  CHECK(read_back<float>("<f4", "(0, 3)", {}).reals.empty());
  const NpyArray array = read_back<float>("<f4", "(2, 3)", {1, 4, 2, 5, 3, 6}, true);
  CHECK(array.reals == std::vector<double>{1, 2, 3, 4, 5, 6});
  CHECK(read_back<float>("<f4", "(3,)", {1, 2, 3}, true).reals == std::vector<double>{1, 2, 3});
  // Of [2, 1, 3] in Fortran order the first index runs fastest.
  const NpyArray rank3 = read_back<float>("<f4", "(2, 1, 3)", {1, 4, 2, 5, 3, 6}, true);
  CHECK(rank3.reals == std::vector<double>{1, 2, 3, 4, 5, 6});
  const NpyArray rank4 = read_back<std::int8_t>("|i1", "(2, 2, 2, 2)",
                                                {0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15}, true);
  for (std::int64_t i = 0; i < 16; ++i) {
    CHECK(rank4.integers[static_cast<std::size_t>(i)] == i);
  }
}

TEST_CASE("a version 2.0 header is read") {
  const std::string dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n";
  Bytes bytes = {'\x93', 'N', 'U', 'M', 'P', 'Y', 2, 0, static_cast<char>(dictionary.size()), 0, 0, 0};
  bytes.insert(bytes.end(), dictionary.begin(), dictionary.end());
  const Bytes data = test::memory_of<float>({2.5F});
  bytes.insert(bytes.end(), data.begin(), data.end());
  const test::TemporaryFolder folder;
  test::write_all(folder.file("a.npy"), bytes);
  CHECK(read_npy(folder.file("a.npy")).reals == std::vector<double>{2.5});
}

TEST_CASE("headers that numpy does not write are refused") {
  const std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }";
  CHECK(refusal(good).empty());
  CHECK_THAT(refusal("{'descr': '<c8', 'fortran_order': False, 'shape': (3,), }"), Catch::Contains("'<c8'"));
  CHECK_THAT(refusal("{'descr': '|O', 'fortran_order': False, 'shape': (3,), }"), Catch::Contains("'|O'"));
  CHECK_THAT(refusal("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,), }"),
             Catch::Contains("records"));
  CHECK_THAT(refusal("{'descr': '<f4', 'fortran_order': 0, 'shape': (6,), }"),
             Catch::Contains("True or False"));
  CHECK_THAT(refusal("{'descr': '<f4', 'fortran_order': False, 'shape': (-6,), }"),
             Catch::Contains("whole numbers"));
  CHECK_THAT(refusal("{'descr': '<f4', 'fortran_order': False, 'shape': 6, }"), Catch::Contains("'('"));
  CHECK_THAT(refusal("{'descr': '<f4', 'fortran_order': False, }"), Catch::Contains("the keys"));
  CHECK_THAT(refusal("{'descr': '<f4', 'descr': '<f4', 'shape': (6,), }"), Catch::Contains("stands twice"));
  CHECK_THAT(refusal("{'descr': '<f4', 'fortran_order': False, 'shape': (6,), 'more': 1}"),
             Catch::Contains("more"));
  CHECK_THAT(refusal(good + "x"), Catch::Contains("not as numpy"));
  CHECK_THAT(refusal("{'descr': '<f4"), Catch::Contains("closing quote"));
  CHECK_THAT(refusal(""), Catch::Contains("'{'"));
  std::string deep = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (int i = 0; i < 33; ++i) {
    deep += "1, ";
  }
  CHECK_THAT(refusal(deep + "), }"), Catch::Contains("too many dimensions"));
}

TEST_CASE("sizes that do not agree with the file are refused before anything is allocated") {
  const auto shape = [](const std::string& text) {
    return refusal("{'descr': '<f4', 'fortran_order': False, 'shape': " + text + ", }");
  };
  CHECK_THAT(shape("(7,)"), Catch::Contains("need 28 bytes") && Catch::Contains("the 24"));
  CHECK_THAT(shape("(5,)"), Catch::Contains("need 20 bytes"));
  CHECK_THAT(shape("(0, 6)"), Catch::Contains("need 0 bytes"));
  CHECK_THAT(shape("(4294967296, 4294967296)"), Catch::Contains("more than the file holds"));
  CHECK_THAT(shape("(0, 4294967296, 4294967296)"), Catch::Contains("more than the file holds"));
  CHECK_THAT(shape("(18446744073709551617,)"), Catch::Contains("absurd"));
}

TEST_CASE("a file cut short anywhere is refused, and so is no file") {
  const Bytes whole =
      test::npy_bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }", Bytes(24, 0));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    INFO("length " << length);
    REQUIRE_FALSE(refusal(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length))).empty());
  }
  Bytes wrong = whole;
  wrong[6] = 4;
  CHECK_THAT(refusal(wrong), Catch::Contains("version 4.0"));
  wrong[0] = 0;
  CHECK_THAT(refusal(wrong), Catch::Contains("not a .npy file"));
  CHECK_THROWS_AS(read_npy("/no/such/file.npy"), InputDataError);
  CHECK_THROWS_AS(read_npy("/dev/zero"), InputDataError);
}

TEST_CASE("numbers that float32 or the integer type cannot hold are refused") {
  CHECK(to_floats(read_back<double>("<f8", "(1,)", {0.1})) == std::vector<float>{0.1F});
  CHECK(to_floats(read_back<std::int32_t>("<i4", "(1,)", {-5})) == std::vector<float>{-5.0F});
  CHECK_THROWS_AS(to_floats(read_back<double>("<f8", "(1,)", {1e300})), InputDataError);
  CHECK_THROWS_AS(to_floats(read_back<float>("<f4", "(1,)", {NAN})), InputDataError);
  CHECK_THROWS_AS(to_floats(read_back<std::int32_t>("<i4", "(1,)", {16777217})), InputDataError);
  CHECK_THROWS_AS(to_integers<std::uint8_t>(read_back<std::int32_t>("<i4", "(1,)", {256})), InputDataError);
  CHECK_THROWS_AS(to_integers<std::uint8_t>(read_back<std::int8_t>("|i1", "(1,)", {-1})), InputDataError);
  CHECK_THROWS_AS(to_integers<std::uint8_t>(read_back<float>("<f4", "(1,)", {1})), InputDataError);
  CHECK_THROWS_AS(to_integers<std::uint8_t>(read_back<std::uint8_t>("|u1", "(1, 1)", {1})), InputDataError);
}
