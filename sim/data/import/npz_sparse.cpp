#include "sim/data/import/npz_sparse.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <zip.h>

#include "models/common/error.h"
#include "models/common/text.h"
#include "sim/data/import/input_bytes.h"

namespace lacuna {
namespace {

/// A file within a ZIP archive.
struct ZipMember {
  std::string name;
  std::vector<unsigned char> bytes;
};

constexpr zip_int64_t max_members = 1024;
constexpr std::uint64_t best_deflate_ratio = 1032;

struct DiscardArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseMember {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, DiscardArchive>;
using OpenMember = std::unique_ptr<zip_file_t, CloseMember>;

[[noreturn]] void fail(const std::string& path, const std::string& member, const std::string& wrong,
                       const std::string& allowed) {
  throw InputDataError({path, 0, member}, wrong, allowed);
}

/// The archive in `bytes`, which must outlive it.
Archive open_archive(const std::vector<unsigned char>& bytes, const std::string& path) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* const source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  Archive archive(source == nullptr ? nullptr
                                    : zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error));
  zip_error_fini(&error);
  if (archive == nullptr) {
    zip_source_free(source);
    fail(path, "", "is not a ZIP archive, or damaged", "a file that numpy or scipy wrote");
  }
  return archive;
}

/// Name and size, checked before anything is read.
zip_stat_t checked_stat(zip_t* archive, zip_uint64_t number, const std::string& path) {
  zip_stat_t stat;
  zip_stat_init(&stat);
  constexpr zip_uint64_t wanted =
      ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if (zip_stat_index(archive, number, 0, &stat) != 0 || (stat.valid & wanted) != wanted) {
    fail(path, "", "member " + std::to_string(number) + " cannot be read", "an intact archive");
  }
  const std::string name = cut(stat.name, 64);
  if (stat.encryption_method != ZIP_EM_NONE ||
      (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE)) {
    fail(path, name, "is encrypted or compressed by another method", "stored or deflated members");
  }
  const std::uint64_t ratio = stat.comp_method == ZIP_CM_STORE ? 1 : best_deflate_ratio;
  if (stat.size / ratio > stat.comp_size) {
    fail(path, name, "claims more bytes than its compressed ones can hold", "an intact archive");
  }
  return stat;
}

/// Reads all members of a ZIP archive, stored or deflated, in the archive's order. Throws InputDataError for
/// damaged or encrypted archives and other methods, for more than 1,024 members or `max_bytes` in all, and
/// for members that claim more than deflate can make of their stored bytes, before anything of that size is
/// allocated.
std::vector<ZipMember> read_zip(const std::string& path, std::uint64_t max_bytes) {
  const std::vector<unsigned char> packed = read_bytes_unpacked(path, max_npy_bytes);
  const Archive archive = open_archive(packed, path);
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  if (count < 0 || count > max_members) {
    fail(path, "", std::to_string(count) + " members", "at most " + std::to_string(max_members));
  }
  std::vector<ZipMember> members;
  std::uint64_t total = 0;
  for (zip_uint64_t number = 0; number < static_cast<zip_uint64_t>(count); ++number) {
    const zip_stat_t stat = checked_stat(archive.get(), number, path);
    ZipMember member;
    member.name = stat.name;
    if (stat.size > max_bytes - total) {
      fail(path, cut(member.name, 64), "more than " + std::to_string(max_bytes) + " bytes in all",
           "a smaller archive");
    }
    total += stat.size;
    member.bytes.resize(stat.size);
    const OpenMember file(zip_fopen_index(archive.get(), number, 0));
    const zip_int64_t read =
        file == nullptr ? -1 : zip_fread(file.get(), member.bytes.data(), member.bytes.size());
    // The checksum is checked when the end is met.
    unsigned char behind = 0;
    if (read < 0 || static_cast<zip_uint64_t>(read) != stat.size || zip_fread(file.get(), &behind, 1) != 0) {
      fail(path, cut(member.name, 64), "is damaged", "an intact archive");
    }
    members.push_back(std::move(member));
  }
  return members;
}

class NpzReader {
 public:
  explicit NpzReader(const std::string& path) : path_(path) {
    for (ZipMember& member : read_zip(path, max_npy_bytes)) {
      members_[member.name] = std::move(member.bytes);
    }
  }

  bool is_sparse() const { return has("format.npy"); }

  SparseMatrix sparse() {
    const std::string format = text("format.npy");
    const auto shape = to_integers<std::uint32_t>(array("shape.npy"));
    if (shape.size() != 2) {
      fail("shape.npy", std::to_string(shape.size()) + " dimensions", "two");
    }
    check_sparse_shape(shape[0], shape[1], path_);
    shape_ = {shape[0], shape[1]};
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
    if (members_.size() != 1) {
      fail("", "holds " + std::to_string(members_.size()) + " arrays: " + names(),
           "--tensor NAME, or an archive of scipy.sparse.save_npz");
    }
    return array(members_.begin()->first);
  }

 private:
  [[noreturn]] void fail(const std::string& member, const std::string& wrong,
                         const std::string& allowed) const {
    throw InputDataError({path_, 0, cut(member, 64)}, wrong, allowed);
  }

  bool has(const std::string& member) const { return members_.count(member) > 0; }

  /// Of all arrays, as numpy.load shows them.
  std::string names() const {
    std::string all;
    for (const auto& [name, content] : members_) {
      const bool is_npy = name.size() > 4 && name.compare(name.size() - 4, 4, ".npy") == 0;
      all += (all.empty() ? "" : ", ") + cut(is_npy ? name.substr(0, name.size() - 4) : name, 32);
    }
    return cut(all, 400);
  }

  const std::vector<unsigned char>& bytes(const std::string& member) const {
    const auto found = members_.find(member);
    if (found == members_.end()) {
      fail(member, "is missing (there are: " + names() + ")",
           "an array that is there, or an archive of scipy.sparse.save_npz");
    }
    return found->second;
  }

  /// Text of an array of one string, one or four bytes a character: what stands behind the header.
  std::string text(const std::string& member) const {
    const std::vector<unsigned char>& content = bytes(member);
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

  /// Pointers into `indices` for each of `lines`.
  std::vector<std::uint64_t> pointers(std::uint64_t lines, std::size_t indices) const {
    auto starts = to_integers<std::uint64_t>(array("indptr.npy"));
    check_length("indptr.npy", starts.size(), lines + 1);
    if (starts.front() != 0 || starts.back() != indices || !std::is_sorted(starts.begin(), starts.end())) {
      fail("indptr.npy", "does not ascend from 0 to the number of values", "pointers into indices and data");
    }
    return starts;
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
  std::map<std::string, std::vector<unsigned char>> members_;
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
