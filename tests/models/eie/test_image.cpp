#include <optional>

#include <catch2/catch.hpp>

#include "models/common/error.h"
#include "models/eie/layer.h"
#include "tests/models/eie/random_case.h"

namespace lacuna {
namespace {

eie::ImageGeometry geometry(std::uint32_t pes, std::uint32_t bits,
                            std::optional<std::uint32_t> rows_per_batch = std::nullopt) {
  eie::ImageGeometry g;
  g.pe_count = pes;
  g.relative_index_bits = bits;
  g.rows_per_batch = rows_per_batch;
  return g;
}

bool same(const eie::CodedMatrix& a, const eie::CodedMatrix& b) {
  return a.rows == b.rows && a.columns == b.columns && a.column_starts == b.column_starts &&
         a.row_indices == b.row_indices && a.codes == b.codes;
}

using Bytes = std::vector<std::uint8_t>;
using Words = std::vector<std::uint32_t>;

TEST_CASE("the published column [0,0,1,2,0 x 18,3] is v=[1,2,0,3], z=[2,0,15,2]") {
  Bytes column(23, 0);
  column[2] = 1;
  column[3] = 2;
  column[22] = 3;
  const eie::MemoryImage image = eie::encode(test::layer_from_dense(23, 1, column).matrix, geometry(1, 4));
  CHECK(image.pes[0].codes == Bytes{1, 2, 0, 3});
  CHECK(image.pes[0].zeros == Bytes{2, 0, 15, 2});
  CHECK(image.pes[0].pointers == Words{0, 4});
  CHECK(image.stored_entries == 4);
  CHECK(image.padding_entries == 1);
}

TEST_CASE("rows go to PE i mod N and zeros are counted among that PE's rows only") {
  // 5 x 2, two PEs: PE 0 holds rows 0, 2, 4; PE 1 holds rows 1, 3.
  const eie::CodedMatrix matrix = test::layer_from_dense(5, 2,
                                                         {0, 7,  //
                                                          1, 0,  //
                                                          0, 0,  //
                                                          2, 3,  //
                                                          4, 5})
                                      .matrix;
  const eie::MemoryImage image = eie::encode(matrix, geometry(2, 4));
  CHECK(image.pes[0].codes == Bytes{4, 7, 5});
  CHECK(image.pes[0].zeros == Bytes{2, 0, 1});
  CHECK(image.pes[0].pointers == Words{0, 1, 3});
  CHECK(image.pes[1].codes == Bytes{1, 2, 3});
  CHECK(image.pes[1].zeros == Bytes{0, 0, 1});
  CHECK(image.pes[1].pointers == Words{0, 2, 3});
}

TEST_CASE("row batches follow each other as further columns and restart the zero count") {
  const eie::CodedMatrix matrix = test::layer_from_dense(4, 2, {0, 1, 2, 0, 0, 3, 4, 0}).matrix;
  const eie::MemoryImage image = eie::encode(matrix, geometry(1, 4, 2));
  CHECK(image.row_batches == 2);
  CHECK(image.image_columns() == 4);
  CHECK(image.pes[0].codes == Bytes{2, 1, 4, 3});
  CHECK(image.pes[0].zeros == Bytes{1, 0, 1, 0});
  CHECK(image.pes[0].pointers == Words{0, 1, 2, 3, 4});
}

TEST_CASE("padding depends on the index width") {
  Bytes column(30, 0);
  column[29] = 1;
  const eie::CodedMatrix matrix = test::layer_from_dense(30, 1, column).matrix;
  CHECK(eie::encode(matrix, geometry(1, 2)).padding_entries == 7);  // 29 zeros = 7 x 4 + 1
  CHECK(eie::encode(matrix, geometry(1, 4)).padding_entries == 1);
  CHECK(eie::encode(matrix, geometry(1, 5)).padding_entries == 0);
}

TEST_CASE("decoding inverts encoding for random matrices, PE counts, index widths and row batches") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const test::Case c = test::random_case(seed);
    INFO("seed " << seed << " " << test::describe(c));
    const eie::MemoryImage image = eie::encode(c.layer.matrix, eie::image_geometry(c.parameters));
    CHECK(same(eie::decode(image), c.layer.matrix));
    std::uint64_t stored = 0;
    std::uint64_t padding = 0;
    for (const eie::PeMemory& memory : image.pes) {
      stored += memory.codes.size();
      for (const std::uint8_t code : memory.codes) {
        padding += code == 0 ? 1U : 0U;
      }
      CHECK(memory.pointers.back() == memory.codes.size());
    }
    CHECK(stored == image.stored_entries);
    CHECK(padding == image.padding_entries);
    CHECK(stored - padding == c.layer.matrix.nonzeros());
  }
}

TEST_CASE("a matrix without rows or columns is refused") {
  eie::CodedMatrix matrix;
  matrix.rows = 1;
  CHECK_THROWS_AS(eie::encode(matrix, geometry(1, 4)), CapacityError);
  matrix = test::layer_from_dense(1, 1, {1}).matrix;
  matrix.rows = 0;
  CHECK_THROWS_AS(eie::encode(matrix, geometry(1, 4)), CapacityError);
}

TEST_CASE("without a size of row batches all rows are in one, and batches of no rows are refused") {
  const eie::CodedMatrix matrix = test::layer_from_dense(3, 1, {1, 1, 1}).matrix;
  const eie::MemoryImage image = eie::encode(matrix, geometry(1, 4));
  CHECK(image.row_batches == 1);
  CHECK(image.batch_rows() == 3);
  CHECK(eie::encode(matrix, geometry(1, 4, 2)).row_batches == 2);
  CHECK_THROWS_WITH(eie::encode(matrix, geometry(1, 4, 0)), Catch::Contains("a row batch of 0 rows"));
}

TEST_CASE("an image with absurdly many pointers is refused before memory is taken") {
  eie::CodedMatrix matrix;
  matrix.rows = 1000000;
  matrix.columns = 1000000;
  matrix.column_starts.assign(1000001, 0);
  CHECK_THROWS_AS(eie::encode(matrix, geometry(1, 4, 1)), CapacityError);
}

}  // namespace
}  // namespace lacuna
