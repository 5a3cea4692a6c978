#include "sim/data/import/zip_members.h"

#include <filesystem>
#include <memory>

#include <zip.h>

#include "models/common/error.h"

namespace lacuna {
namespace {

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

}  // namespace

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

}  // namespace lacuna
