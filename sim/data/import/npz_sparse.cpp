#include "sim/data/import/npz_sparse.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/common/error.h"
#include "models/common/text.h"
#include "sim/data/import/input_bytes.h"
#include "sim/data/import/npz_lines.h"
#include "sim/data/import/zip_archive.h"

namespace lacuna {
namespace {

class NpzReader {
 public:
  explicit NpzReader(const std::string& path) : path_(path), archive_(path, max_npy_bytes) {}

  bool is_sparse() const { return has("format.npy"); }

  SparseMatrix sparse() {
    const std::string format = text("format.npy");
    const auto shape = to_integers<std::uint32_t>(array("shape.npy"));
    if (shape.size() != 2) {
      fail("shape.npy", std::to_string(shape.size()) + " dimensions", "two");
    }
    check_sparse_shape(shape[0], shape[1], path_);
    shape_ = {shape[0], shape[1]};
    if (format == "csr" || format == "csc") {
      if (std::optional<SparseMatrix> matrix = ascending(format == "csr" ? Lines::rows : Lines::columns)) {
        return std::move(*matrix);
      }
    }
    const NpyArray data = array("data.npy");
    if (format == "csr" || format == "csc") {
      return make(data, compressed(data, format == "csr"));
    }
    if (format == "coo") {
      return make(data, coordinates(data));
    }
    if (format == "bsr") {
      return make(data, blocks(data));
    }
    if (format == "dia") {
      return make(data, diagonals(data));
    }
    fail("format.npy", "the format \"" + format + "\"", "csr, csc, coo, bsr or dia");
  }

  /// The array of that name, or the only one.
  NpyArray dense(const std::string& name) const {
    if (!name.empty()) {
      return array(has(name) ? name : name + ".npy");
    }
    const std::vector<std::string> members = archive_.names();
    if (members.size() != 1) {
      fail("", "holds " + std::to_string(members.size()) + " arrays: " + names(),
           "--tensor NAME, or an archive of scipy.sparse.save_npz");
    }
    return array(members.front());
  }

 private:
  [[noreturn]] void fail(const std::string& member, const std::string& wrong,
                         const std::string& allowed) const {
    throw InputDataError({path_, 0, cut(member, 64)}, wrong, allowed);
  }

  bool has(const std::string& member) const { return archive_.has(member); }

  /// Of all arrays, as numpy.load shows them.
  std::string names() const {
    std::string all;
    for (const std::string& name : archive_.names()) {
      const bool is_npy = name.size() > 4 && name.compare(name.size() - 4, 4, ".npy") == 0;
      all += (all.empty() ? "" : ", ") + cut(is_npy ? name.substr(0, name.size() - 4) : name, 32);
    }
    return cut(all, 400);
  }

  ZipArchive::Member member(const std::string& name) const {
    if (!has(name)) {
      fail(name, "is missing (there are: " + names() + ")",
           "an array that is there, or an archive of scipy.sparse.save_npz");
    }
    return archive_.member(name);
  }

  std::vector<unsigned char> bytes(const std::string& name) const { return member(name).rest(); }

  /// Text of an array of one string, one or four bytes a character: what stands behind the header.
  std::string text(const std::string& member) const {
    const std::vector<unsigned char> content = bytes(member);
    const std::size_t start = content.size() < 10 ? 0 : 10 + little_endian(&content[8], 2);
    if (start == 0 || start > content.size() || content.size() - start > 64) {
      fail(member, "is not one short text", "csr, csc, coo, bsr or dia");
    }
    std::string found;
    for (std::size_t i = start; i < content.size(); ++i) {
      const auto c = static_cast<char>(content[i]);
      if (c >= 'a' && c <= 'z') {
        found += c;
      } else if (c != '\0') {
        fail(member, "holds other characters than letters", "csr, csc, coo, bsr or dia");
      }
    }
    return found;
  }

  NpyArray array(const std::string& member) const { return parse_npy(bytes(member), path_ + ": " + member); }

  void check_length(const std::string& member, std::size_t length, std::size_t wanted) const {
    if (length != wanted) {
      fail(member, std::to_string(length) + " elements", std::to_string(wanted));
    }
  }

  void check_rank(const NpyArray& data, std::size_t rank, const std::string& allowed) const {
    if (data.shape.size() != rank) {
      fail("data.npy", std::to_string(data.shape.size()) + " dimensions", allowed);
    }
  }

  /// The values as the file has them; make_sparse narrows them and counts those that vanish. Throws
  /// InputDataError for what `to_floats` refuses.
  static std::vector<double> checked_values(const NpyArray& data) {
    const std::vector<float> narrow = to_floats(data);
    return data.reals.empty() ? std::vector<double>(narrow.begin(), narrow.end()) : data.reals;
  }

  SparseMatrix make(const NpyArray& data, std::vector<SparseEntry> entries) const {
    const Addition addition = data.is_boolean      ? Addition::booleans
                              : data.reals.empty() ? Addition::integers
                                                   : Addition::reals;
    return make_sparse(shape_[0], shape_[1], std::move(entries), addition, path_);
  }

  std::vector<SparseEntry> coordinates(const NpyArray& data) const {
    check_rank(data, 1, "one");
    const std::vector<double> values = checked_values(data);
    std::vector<std::uint32_t> row;
    std::vector<std::uint32_t> column;
    if (has("coords.npy")) {
      NpyArray both = array("coords.npy");
      if (both.shape != std::vector<std::uint64_t>{2, values.size()}) {
        fail("coords.npy", "does not hold row and column of each value",
             "[2, " + std::to_string(values.size()) + "]");
      }
      NpyArray half = both;
      half.shape = {values.size()};
      const auto middle = both.integers.begin() + static_cast<std::ptrdiff_t>(both.integers.size() / 2);
      half.integers.assign(both.integers.begin(), middle);
      row = to_integers<std::uint32_t>(half);
      half.integers.assign(middle, both.integers.end());
      column = to_integers<std::uint32_t>(half);
    } else {
      row = to_integers<std::uint32_t>(array("row.npy"));
      column = to_integers<std::uint32_t>(array("col.npy"));
    }
    check_length("row.npy", row.size(), values.size());
    check_length("col.npy", column.size(), values.size());
    std::vector<SparseEntry> entries;
    entries.reserve(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      entries.push_back({row[i], column[i], values[i]});
    }
    return entries;
  }

  static bool ascend_from_zero(const std::vector<std::uint64_t>& starts) {
    return starts.front() == 0 && std::is_sorted(starts.begin(), starts.end());
  }

  /// Pointers into `indices` for each of `lines`.
  std::vector<std::uint64_t> pointers(std::uint64_t lines, std::size_t indices) const {
    auto starts = to_integers<std::uint64_t>(array("indptr.npy"));
    check_length("indptr.npy", starts.size(), lines + 1);
    if (!ascend_from_zero(starts) || starts.back() != indices) {
      fail("indptr.npy", "does not ascend from 0 to the number of values", "pointers into indices and data");
    }
    return starts;
  }

  /// csr and csc as most are; none for others, which `compressed` reads or refuses.
  std::optional<SparseMatrix> ascending(Lines lines) const {
    if (!has("data.npy") || !has("indices.npy") || !has("indptr.npy")) {
      return std::nullopt;
    }
    const auto starts = to_integers<std::uint64_t>(array("indptr.npy"));
    const std::uint32_t count = lines == Lines::rows ? shape_[0] : shape_[1];
    if (starts.size() != std::size_t{count} + 1 || !ascend_from_zero(starts)) {
      return std::nullopt;
    }
    return read_ascending_lines(member("data.npy"), member("indices.npy"), lines, shape_[0], shape_[1],
                                starts, path_);
  }

  std::vector<SparseEntry> compressed(const NpyArray& data, bool by_rows) const {
    check_rank(data, 1, "one");
    const std::vector<double> values = checked_values(data);
    const auto indices = to_integers<std::uint32_t>(array("indices.npy"));
    check_length("indices.npy", indices.size(), values.size());
    const std::uint32_t lines = by_rows ? shape_[0] : shape_[1];
    const std::vector<std::uint64_t> starts = pointers(lines, indices.size());
    std::vector<SparseEntry> entries;
    entries.reserve(values.size());
    for (std::uint32_t line = 0; line < lines; ++line) {
      for (std::uint64_t i = starts[line]; i < starts[line + 1U]; ++i) {
        entries.push_back(by_rows ? SparseEntry{line, indices[i], values[i]}
                                  : SparseEntry{indices[i], line, values[i]});
      }
    }
    return entries;
  }

  /// data [blocks, block rows, block columns], a row of blocks after the other.
  std::vector<SparseEntry> blocks(const NpyArray& data) const {
    check_rank(data, 3, "three: blocks, their rows, their columns");
    const std::uint64_t block_rows = data.shape[1];
    const std::uint64_t block_columns = data.shape[2];
    if (block_rows == 0 || block_columns == 0 || shape_[0] % block_rows != 0 ||
        shape_[1] % block_columns != 0) {
      fail("data.npy", "blocks of " + std::to_string(block_rows) + " x " + std::to_string(block_columns),
           "blocks that " + std::to_string(shape_[0]) + " x " + std::to_string(shape_[1]) + " is made of");
    }
    const std::vector<double> values = checked_values(data);
    const auto indices = to_integers<std::uint32_t>(array("indices.npy"));
    check_length("indices.npy", indices.size(), data.shape[0]);
    const std::uint64_t lines = shape_[0] / block_rows;
    const std::vector<std::uint64_t> starts = pointers(lines, indices.size());
    std::vector<SparseEntry> entries;
    entries.reserve(values.size());
    const double* next = values.data();
    for (std::uint64_t line = 0; line < lines; ++line) {
      for (std::uint64_t i = starts[line]; i < starts[line + 1]; ++i) {
        if (indices[i] >= shape_[1] / block_columns) {
          fail("indices.npy", "a block at column " + std::to_string(indices[i]) + " of blocks",
               "less than " + std::to_string(shape_[1] / block_columns));
        }
        add_block(line * block_rows, indices[i] * block_columns, {block_rows, block_columns}, next, entries);
      }
    }
    return entries;
  }

  static void add_block(std::uint64_t row, std::uint64_t column, const std::array<std::uint64_t, 2>& shape,
                        const double*& next, std::vector<SparseEntry>& entries) {
    for (std::uint64_t r = 0; r < shape[0]; ++r) {
      for (std::uint64_t c = 0; c < shape[1]; ++c) {
        entries.push_back(
            {static_cast<std::uint32_t>(row + r), static_cast<std::uint32_t>(column + c), *next++});
      }
    }
  }

  /// data [diagonals, columns]: element j of the diagonal at offset k lies at [j - k, j].
  std::vector<SparseEntry> diagonals(const NpyArray& data) const {
    check_rank(data, 2, "two: diagonals, columns");
    const std::vector<double> values = checked_values(data);
    const auto offsets = to_integers<std::int64_t>(array("offsets.npy"));
    check_length("offsets.npy", offsets.size(), data.shape[0]);
    std::vector<SparseEntry> entries;
    const std::uint64_t columns = std::min<std::uint64_t>(data.shape[1], shape_[1]);
    for (std::size_t d = 0; d < offsets.size(); ++d) {
      if (offsets[d] <= -std::int64_t{shape_[0]} || offsets[d] >= std::int64_t{shape_[1]}) {
        continue;  // outside the matrix altogether
      }
      for (std::uint64_t j = 0; j < columns; ++j) {
        const std::int64_t row = static_cast<std::int64_t>(j) - offsets[d];
        if (row >= 0 && row < std::int64_t{shape_[0]}) {
          entries.push_back({static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(j),
                             values[d * data.shape[1] + j]});
        }
      }
    }
    return entries;
  }

  const std::string& path_;
  ZipArchive archive_;
  std::array<std::uint32_t, 2> shape_{};  ///< of the sparse matrix
};

}  // namespace

SparseMatrix read_sparse_npz(const std::string& path) {
  NpzReader reader(path);
  return reader.sparse();
}

std::variant<SparseMatrix, NpyArray> read_npz(const std::string& path, const std::string& name) {
  NpzReader reader(path);
  if (name.empty() && reader.is_sparse()) {
    return reader.sparse();
  }
  return reader.dense(name);
}

}  // namespace lacuna
