#include "sim/data/import/npz_sparse.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <zip.h>

#include "models/common/error.h"
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

Archive open_archive(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    fail(path, "", "cannot be opened", "a readable file");
  }
  int error = 0;
  Archive archive(zip_open(path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &error));
  if (archive == nullptr) {
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
  const std::string name = std::string(stat.name).substr(0, 64);
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
  const Archive archive = open_archive(path);
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
      fail(path, member.name.substr(0, 64), "more than " + std::to_string(max_bytes) + " bytes in all",
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
      fail(path, member.name.substr(0, 64), "is damaged", "an intact archive");
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

  SparseMatrix read() const {
    const std::string format = text("format.npy");
    if (format != "csr" && format != "csc" && format != "coo") {
      fail("format.npy", "the format \"" + format + "\"", "csr, csc or coo (matrix.tocsr() before save_npz)");
    }
    const auto shape = to_integers<std::uint32_t>(array("shape.npy"));
    if (shape.size() != 2) {
      fail("shape.npy", std::to_string(shape.size()) + " dimensions", "two");
    }
    check_sparse_shape(shape[0], shape[1], path_);
    const std::vector<float> values = vector_of_floats("data.npy");
    return format == "coo" ? coordinates(shape[0], shape[1], values)
                           : compressed(shape[0], shape[1], values, format == "csr");
  }

 private:
  [[noreturn]] void fail(const std::string& member, const std::string& wrong,
                         const std::string& allowed) const {
    throw InputDataError({path_, 0, member}, wrong, allowed);
  }

  const std::vector<unsigned char>& bytes(const std::string& member) const {
    const auto found = members_.find(member);
    if (found == members_.end()) {
      std::string names;
      for (const auto& [name, content] : members_) {
        names += (names.empty() ? "" : ", ") + name.substr(0, 32);
      }
      fail(member, "is missing (there are: " + names.substr(0, 400) + ")",
           "an archive of scipy.sparse.save_npz");
    }
    return found->second;
  }

  /// Text of an array of one string, one or four bytes a character: what stands behind the header.
  std::string text(const std::string& member) const {
    const std::vector<unsigned char>& content = bytes(member);
    const std::size_t start = content.size() < 10 ? 0 : 10 + little_endian(&content[8], 2);
    if (start == 0 || start > content.size() || content.size() - start > 64) {
      fail(member, "is not one short text", "csr, csc or coo");
    }
    std::string found;
    for (std::size_t i = start; i < content.size(); ++i) {
      const auto c = static_cast<char>(content[i]);
      if (c >= 'a' && c <= 'z') {
        found += c;
      } else if (c != '\0') {
        fail(member, "holds other characters than letters", "csr, csc or coo");
      }
    }
    return found;
  }

  NpyArray array(const std::string& member) const { return parse_npy(bytes(member), path_ + ": " + member); }

  std::vector<float> vector_of_floats(const std::string& member) const {
    const NpyArray found = array(member);
    if (found.shape.size() != 1) {
      fail(member, "is not a list of numbers", "one dimension");
    }
    return to_floats(found);
  }

  void check_length(const std::string& member, std::size_t length, std::size_t wanted) const {
    if (length != wanted) {
      fail(member, std::to_string(length) + " elements", std::to_string(wanted));
    }
  }

  SparseMatrix coordinates(std::uint32_t rows, std::uint32_t columns,
                           const std::vector<float>& values) const {
    const auto row = to_integers<std::uint32_t>(array("row.npy"));
    const auto column = to_integers<std::uint32_t>(array("col.npy"));
    check_length("row.npy", row.size(), values.size());
    check_length("col.npy", column.size(), values.size());
    std::vector<SparseEntry> entries;
    entries.reserve(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      entries.push_back({row[i], column[i], values[i]});
    }
    return make_sparse(rows, columns, std::move(entries), path_);
  }

  SparseMatrix compressed(std::uint32_t rows, std::uint32_t columns, const std::vector<float>& values,
                          bool by_rows) const {
    const auto starts = to_integers<std::uint64_t>(array("indptr.npy"));
    const auto indices = to_integers<std::uint32_t>(array("indices.npy"));
    const std::uint32_t lines = by_rows ? rows : columns;
    check_length("indptr.npy", starts.size(), std::size_t{lines} + 1);
    check_length("indices.npy", indices.size(), values.size());
    if (starts.front() != 0 || starts.back() != values.size() ||
        !std::is_sorted(starts.begin(), starts.end())) {
      fail("indptr.npy", "does not ascend from 0 to the number of values", "pointers into indices and data");
    }
    std::vector<SparseEntry> entries;
    entries.reserve(values.size());
    for (std::uint32_t line = 0; line < lines; ++line) {
      for (std::uint64_t i = starts[line]; i < starts[line + 1U]; ++i) {
        entries.push_back(by_rows ? SparseEntry{line, indices[i], values[i]}
                                  : SparseEntry{indices[i], line, values[i]});
      }
    }
    return make_sparse(rows, columns, std::move(entries), path_);
  }

  const std::string& path_;
  std::map<std::string, std::vector<unsigned char>> members_;
};

}  // namespace

SparseMatrix read_sparse_npz(const std::string& path) {
  return NpzReader(path).read();
}

}  // namespace lacuna
