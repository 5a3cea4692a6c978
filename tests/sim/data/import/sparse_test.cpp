#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <catch2/catch.hpp>
#include <zip.h>

#include "models/common/error.h"
#include "sim/data/import/matrix_market.h"
#include "sim/data/import/npz_sparse.h"
#include "sim/data/import/sparse_matrix.h"
#include "sim/data/import/weight_matrix.h"
#include "tests/dice.h"
#include "tests/sim/data/import/write_npy.h"

using namespace lacuna;

namespace {

SparseMatrix read_mtx(const std::string& content) {
  const test::TemporaryFolder folder;
  return read_matrix_market(folder.write("m.mtx", content));
}

SparseMatrix read_dlmc(const std::string& content) {
  const test::TemporaryFolder folder;
  return read_smtx(folder.write("m.smtx", content));
}

template <class Read>
std::string refusal(Read read, const std::string& content) {
  return test::message_of<InputDataError>([&] { read(content); });
}

std::vector<float> dense(const SparseMatrix& matrix) {
  return to_dense(matrix, "").values;
}

const std::string real_header = "%%MatrixMarket matrix coordinate real general\n";

}  // namespace

TEST_CASE("Matrix Market coordinates, with comments, any order and any case") {
  const SparseMatrix matrix = read_mtx(
      "%%matrixmarket MATRIX Coordinate Real General\n% a comment\n\n2 3 4\n2 1 -1.5\n1 3 +2e0\r\n1 1 0.5\n2 "
      "2 0\n");
  CHECK(matrix.rows == 2);
  CHECK(matrix.columns == 3);
  CHECK(dense(matrix) == std::vector<float>{0.5F, 0, 2.0F, -1.5F, 0, 0});
  CHECK(matrix.values.size() == 3);  // the zero is none
  CHECK(matrix.has_values);
}

TEST_CASE("symmetric halves are completed, patterns are ones, arrays go by columns") {
  CHECK(dense(read_mtx("%%MatrixMarket matrix coordinate integer symmetric\n2 2 2\n1 1 4\n2 1 5\n")) ==
        std::vector<float>{4, 5, 5, 0});
  CHECK(dense(read_mtx("%%MatrixMarket matrix coordinate real skew-symmetric\n2 2 1\n2 1 5\n")) ==
        std::vector<float>{0, -5, 5, 0});
  const SparseMatrix pattern = read_mtx("%%MatrixMarket matrix coordinate pattern general\n2 2 1\n2 1\n");
  CHECK(dense(pattern) == std::vector<float>{0, 0, 1, 0});
  CHECK(!pattern.has_values);
  CHECK(dense(read_mtx("%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n4\n")) ==
        std::vector<float>{1, 3, 2, 4});
}

TEST_CASE("what Matrix Market files must not hold is named with its line") {
  const auto refused = [](const std::string& content) { return refusal(read_mtx, content); };
  CHECK_THAT(refused("hello\n"), Catch::Contains("is not a Matrix Market matrix"));
  CHECK_THAT(refused("%%MatrixMarket matrix coordinate complex general\n1 1 0\n"),
             Catch::Contains("\"complex\" is not supported"));
  CHECK_THAT(refused("%%MatrixMarket matrix coordinate real lower\n1 1 0\n"), Catch::Contains("lower"));
  CHECK_THAT(refused(real_header + "2 2 2\n1 1 1\n"), Catch::Contains("ends where a row should stand"));
  CHECK_THAT(refused(real_header + "2 2 1\n1 1 1\n2 2 2\n"), Catch::Contains("more follows"));
  CHECK_THAT(refused(real_header + "2 2 1\n3 1 1\n"), Catch::Contains("m.mtx:3: a row is \"3\""));
  CHECK_THAT(refused(real_header + "2 2 1\n0 1 1\n"), Catch::Contains("row or column 0"));
  CHECK_THAT(refused(real_header + "2 2 1\n1 1 nan\n"), Catch::Contains("nan"));
  CHECK_THAT(refused(real_header + "2 2 1\n1 1 1e99\n"), Catch::Contains("1e99"));
  CHECK_THAT(refused(real_header + "0 2 0\n"), Catch::Contains("0 x 2"));
  CHECK_THAT(refused(real_header + "99999999999 2 0\n"), Catch::Contains("99999999999"));
  CHECK_THAT(refused("%%MatrixMarket matrix coordinate real symmetric\n2 2 1\n1 2 1\n"),
             Catch::Contains("above the diagonal"));
  CHECK_THAT(refused("%%MatrixMarket matrix array real general\n9000000 9000000\n1\n"),
             Catch::Contains("ends where"));
}

TEST_CASE("DLMC files hold positions") {
  const SparseMatrix matrix = read_dlmc("2, 4, 3\n0 1 3\n2 0 3\n");
  CHECK(dense(matrix) == std::vector<float>{0, 0, 1, 0, 1, 0, 0, 1});
  CHECK(!matrix.has_values);
  SparseMatrix once = matrix;
  SparseMatrix twice = matrix;
  generate_values(once, 3);
  generate_values(twice, 3);
  CHECK(once.values == twice.values);
  for (const float value : once.values) {
    CHECK((value != 0.0F && value > -1.0F && value < 1.0F));
  }
  const auto refused = [](const std::string& content) { return refusal(read_dlmc, content); };
  CHECK_THAT(refused("2, 4, 3\n0 1 2\n2 0 3\n"), Catch::Contains("the last row offset is 2"));
  CHECK_THAT(refused("2, 4, 3\n0 3 1\n"), Catch::Contains("do not ascend"));
  CHECK_THAT(refused("2, 4, 9\n"), Catch::Contains("9"));
  CHECK_THAT(refused("2, 4, 3\n0 1 3\n2 0 4\n"), Catch::Contains("a column is \"4\""));
  CHECK_THAT(refused("2, 4, 3\n0 1 3\n2 0 0\n"), Catch::Contains("two entries at one place"));
}

TEST_CASE("SciPy's archives of every kind, stored and deflated, hold the same matrix") {
  for (const std::string name : {"csr", "csc", "coo", "bsr", "csr_stored"}) {
    INFO(name);
    const SparseMatrix matrix =
        read_sparse_npz(LACUNA_SOURCE_DIR "/tests/sim/data/import/npz/" + name + ".npz");
    CHECK(matrix.rows == 3);
    CHECK(matrix.columns == 4);
    CHECK(dense(matrix) == std::vector<float>{0, 1.5F, 0, 0, -2, 0, 0, 0.25F, 0, 0, 0, 3});
  }
  CHECK_THROWS_WITH(read_sparse_npz(LACUNA_SOURCE_DIR "/tests/sim/data/import/npz/dense.npz"),
                    Catch::Contains("format.npy: is missing (there are: weights)"));
}

TEST_CASE("archives that are cut or changed are refused") {
  const test::Bytes whole = test::read_all(LACUNA_SOURCE_DIR "/tests/sim/data/import/npz/csr.npz");
  const test::TemporaryFolder folder;
  const std::vector<float> right = {0, 1.5F, 0, 0, -2, 0, 0, 0.25F, 0, 0, 0, 3};
  for (std::size_t i = 0; i < whole.size(); i += 3) {
    INFO("byte " << i);
    test::write_all(folder.file("cut.npz"),
                    test::Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(i)));
    REQUIRE_THROWS_AS(read_sparse_npz(folder.file("cut.npz")), InputDataError);
    test::Bytes changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x41);
    test::write_all(folder.file("changed.npz"), changed);
    std::vector<float> read = right;
    test::message_of<InputDataError>([&] { read = dense(read_sparse_npz(folder.file("changed.npz"))); });
    REQUIRE(read == right);  // refused, or changed where it does not matter, such as a time stamp
  }
}

TEST_CASE("a sparse layer becomes the trace that the dense one becomes") {
  const test::TemporaryFolder folder;
  test::write_npy<float>(folder.file("b.npy"), "<f4", "(2,)", {0.5F, 0.0F});
  test::write_npy<float>(folder.file("a.npy"), "<f4", "(3,)", {1, 2, 3});
  test::write_npy<float>(folder.file("w.npy"), "<f4", "(2, 3)", {0.5F, 0, 2, -1.5F, 0, 0});
  DenseLayerFiles files{folder.file("w.npy"), folder.file("b.npy"), folder.file("a.npy"), ""};
  const Trace dense_trace = import_weight_layer("npy", files, {}, 1);
  files.weights = folder.write("w.mtx", real_header + "2 3 3\n1 1 0.5\n2 1 -1.5\n1 3 2\n");
  const Trace sparse_trace = import_weight_layer("mtx", files, {}, 1);
  CHECK(sparse_trace.codebook == dense_trace.codebook);
  CHECK(sparse_trace.matrix.codes == dense_trace.matrix.codes);
  CHECK(sparse_trace.matrix.row_indices == dense_trace.matrix.row_indices);
  CHECK(sparse_trace.matrix.column_starts == dense_trace.matrix.column_starts);
  CHECK(sparse_trace.has_bias);
  files.weights = folder.write("w.smtx", "2, 3, 2\n0 1 2\n0 2\n");
  CHECK_THAT(import_weight_layer("smtx", files, {}, 4).provenance.at("weight_values"),
             Catch::Contains("seed 4"));
  CHECK_THROWS_AS(read_weight_matrix("mat", files), ConfigurationError);
}

namespace {

/// An archive of SciPy (csr) with these members in place of its own.
std::string archive_with(const test::TemporaryFolder& folder,
                         const std::map<std::string, test::Bytes>& members) {
  const std::string path = folder.file("m.npz");
  test::write_all(path, test::read_all(LACUNA_SOURCE_DIR "/tests/sim/data/import/npz/csr.npz"));
  int error = 0;
  zip_t* const archive = zip_open(path.c_str(), 0, &error);
  REQUIRE(archive != nullptr);
  for (const auto& [name, content] : members) {
    zip_source_t* const data = zip_source_buffer(archive, content.data(), content.size(), 0);
    REQUIRE(zip_file_add(archive, name.c_str(), data, ZIP_FL_OVERWRITE) >= 0);
  }
  REQUIRE(zip_close(archive) == 0);
  return path;
}

template <class Values>
test::Bytes array(const std::string& type, const std::string& shape, const Values& values) {
  return test::npy_bytes("{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }",
                         test::memory_of(values));
}

template <class T>
test::Bytes list(const std::string& type, const std::vector<T>& values) {
  return array(type, "(" + std::to_string(values.size()) + ",)", values);
}

/// The arrays of a compressed matrix [lines, places].
struct CompressedArrays {
  std::vector<float> data;
  std::vector<std::int32_t> indices;
  std::vector<std::int64_t> starts = {0};
};

/// Half of the places of 700 lines of 900, so that data and indices have several blocks; some values are 0.
CompressedArrays random_lines(std::uint64_t seed) {
  test::Dice dice(seed);
  CompressedArrays arrays;
  for (int line = 0; line < 700; ++line) {
    for (std::int32_t place = 0; place < 900; ++place) {
      if (dice.chance(50)) {
        arrays.indices.push_back(place);
        arrays.data.push_back(dice.chance(1) ? 0.0F : static_cast<float>(dice.between(1, 1000)) - 500.5F);
      }
    }
    arrays.starts.push_back(static_cast<std::int64_t>(arrays.data.size()));
  }
  return arrays;
}

SparseMatrix matrix_of(const CompressedArrays& arrays, bool by_rows) {
  std::vector<SparseEntry> entries;
  for (std::uint32_t line = 0; line < 700; ++line) {
    for (auto i = static_cast<std::size_t>(arrays.starts[line]);
         i < static_cast<std::size_t>(arrays.starts[line + 1U]); ++i) {
      const auto place = static_cast<std::uint32_t>(arrays.indices[i]);
      entries.push_back(
          {by_rows ? line : place, by_rows ? place : line, static_cast<double>(arrays.data[i])});
    }
  }
  return make_sparse(by_rows ? 700 : 900, by_rows ? 900 : 700, std::move(entries), Addition::reals, "m");
}

std::map<std::string, test::Bytes> members_of(const CompressedArrays& arrays, bool by_rows) {
  const std::string format = by_rows ? "csr" : "csc";
  return {{"format.npy", test::npy_bytes("", {format.begin(), format.end()})},
          {"shape.npy", list("<i8", std::vector<std::int64_t>{by_rows ? 700 : 900, by_rows ? 900 : 700})},
          {"data.npy", list("<f4", arrays.data)},
          {"indices.npy", list("<i4", arrays.indices)},
          {"indptr.npy", list("<i8", arrays.starts)}};
}

void check_same(const SparseMatrix& read, const SparseMatrix& wanted) {
  CHECK(read.rows == wanted.rows);
  CHECK(read.columns == wanted.columns);
  CHECK(read.column_starts == wanted.column_starts);
  CHECK(read.row_indices == wanted.row_indices);
  CHECK(read.values == wanted.values);
  CHECK(read.added_entries == wanted.added_entries);
  CHECK(read.vanished == wanted.vanished);
}

}  // namespace

TEST_CASE("compressed archives, read piece by piece or not, hold the matrix of their entries") {
  const test::TemporaryFolder folder;
  for (const bool by_rows : {true, false}) {
    INFO((by_rows ? "csr" : "csc") << ", seed 5");
    const CompressedArrays arrays = random_lines(5);
    const auto read = [&](const std::string& member, const test::Bytes& content) {
      std::map<std::string, test::Bytes> members = members_of(arrays, by_rows);
      members[member] = content;
      return read_sparse_npz(archive_with(folder, members));
    };
    const SparseMatrix wanted = matrix_of(arrays, by_rows);
    CHECK(wanted.values.size() < arrays.data.size());
    check_same(read("data.npy", list("<f4", arrays.data)), wanted);
    check_same(read("indices.npy",
                    list("<i8", std::vector<std::int64_t>(arrays.indices.begin(), arrays.indices.end()))),
               wanted);
    check_same(read("data.npy", list("<f8", std::vector<double>(arrays.data.begin(), arrays.data.end()))),
               wanted);
    CompressedArrays other = arrays;  // the first line in another order
    std::swap(other.indices[0], other.indices[1]);
    std::swap(other.data[0], other.data[1]);
    check_same(read_sparse_npz(archive_with(folder, members_of(other, by_rows))), wanted);
    other = arrays;  // two entries at one place
    other.indices[1] = other.indices[0];
    check_same(read_sparse_npz(archive_with(folder, members_of(other, by_rows))), matrix_of(other, by_rows));
    other = arrays;
    other.indices.back() = 900;
    CHECK_THAT(test::message_of<InputDataError>([&] { read("indices.npy", list("<i4", other.indices)); }),
               Catch::Contains("an entry at"));
    other.data[300000] = INFINITY;
    CHECK_THAT(test::message_of<InputDataError>([&] { read("data.npy", list("<f4", other.data)); }),
               Catch::Contains("is not finite"));
    other = arrays;
    other.data.pop_back();
    CHECK_THAT(test::message_of<InputDataError>([&] { read("data.npy", list("<f4", other.data)); }),
               Catch::Contains("elements"));
  }
}

TEST_CASE("archives whose members contradict each other are refused") {
  const test::TemporaryFolder folder;
  const auto refused = [&folder](const std::string& member, const test::Bytes& content) {
    const std::string path = archive_with(folder, {{member, content}});
    return test::message_of<InputDataError>([&path] { read_sparse_npz(path); });
  };
  CHECK_THAT(refused("format.npy", {'x'}), Catch::Contains("format.npy: is not one short text"));
  const std::string wrong = "csr?";
  CHECK_THAT(refused("format.npy", test::npy_bytes("", {wrong.begin(), wrong.end()})),
             Catch::Contains("holds other characters than letters"));
  CHECK_THAT(refused("shape.npy", array("<i8", "(3,)", std::vector<std::int64_t>{1, 2, 3})),
             Catch::Contains("shape.npy: 3 dimensions"));
  CHECK_THAT(refused("indptr.npy", array("<i4", "(4,)", std::vector<std::int32_t>{0, 3, 2, 4})),
             Catch::Contains("does not ascend from 0"));
  CHECK_THAT(refused("indptr.npy", array("<i4", "(2,)", std::vector<std::int32_t>{0, 4})),
             Catch::Contains("indptr.npy: 2 elements; 4"));
  CHECK_THAT(refused("data.npy", array("<f4", "(1, 1)", std::vector<float>{1})),
             Catch::Contains("data.npy: 2 dimensions; one"));
}

TEST_CASE("entries in any order, sparse or dense in their places, become the same matrix") {
  // 7 is coprime to the number of places: every place once, in a scattered order.
  for (const auto& [rows, columns] : {std::pair{40U, 25U}, std::pair{3U, 5000U}, std::pair{90000U, 11U}}) {
    const std::uint64_t places = std::uint64_t{rows} * columns;
    const std::uint64_t step = rows == 90000U ? 5003 : 7;
    std::vector<SparseEntry> entries;
    std::map<std::pair<std::uint32_t, std::uint32_t>, double> sums;  // by column and row
    for (std::uint64_t i = 0; i < places; i += step) {
      const std::uint64_t place = i * 7919 % places;
      const SparseEntry entry{static_cast<std::uint32_t>(place / columns),
                              static_cast<std::uint32_t>(place % columns), 1.0 + static_cast<double>(i % 5)};
      entries.push_back(entry);
      entries.push_back({entry.row, entry.column, 0.5});
      sums[{entry.column, entry.row}] += entry.value + 0.5;
    }
    for (const int order : {0, 1, 2}) {
      std::vector<SparseEntry> given = entries;
      if (order > 0) {
        std::stable_sort(given.begin(), given.end(), [&](const SparseEntry& a, const SparseEntry& b) {
          return order == 1 ? std::pair{a.row, a.column} < std::pair{b.row, b.column}
                            : std::pair{a.column, a.row} < std::pair{b.column, b.row};
        });
      }
      const SparseMatrix matrix = make_sparse(rows, columns, given, Addition::reals, "m");
      CHECK(matrix.added_entries == entries.size() - sums.size());
      REQUIRE(matrix.values.size() == sums.size());
      bool equal = true;
      std::size_t position = 0;
      for (const auto& [place, sum] : sums) {
        equal = equal && matrix.row_indices[position] == place.second &&
                position >= matrix.column_starts[place.first] &&
                position < matrix.column_starts[place.first + 1U] &&
                static_cast<double>(matrix.values[position]) == sum;
        ++position;
      }
      CHECK(equal);
    }
  }
}

TEST_CASE("matrices made by programs are checked like files") {
  const auto refused = [](const SparseEntry& entry) {
    return test::message_of<InputDataError>([&entry] { make_sparse(2, 3, {entry}, Addition::reals, "m"); });
  };
  CHECK(refused({1, 2, 1.0F}).empty());
  CHECK_THAT(refused({2, 0, 1.0F}), Catch::Contains("an entry at [2, 0] (counted from 0)"));
  CHECK_THAT(refused({0, 3, 1.0F}), Catch::Contains("an entry at [0, 3]"));
  CHECK_THAT(refused({0, 0, INFINITY}),
             Catch::Contains("the entry at [0, 0] (counted from 0) is not a finite"));
  SparseMatrix large;
  large.rows = large.columns = 1U << 16;
  CHECK_THAT(test::message_of<InputDataError>([&large] { to_dense(large, "m"); }),
             Catch::Contains("4294967296 weights; at most"));
}
