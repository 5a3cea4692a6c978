#include "sim/data/import/zip_archive.h"

#include <array>
#include <fstream>
#include <utility>

#include <zip.h>

#include "models/common/error.h"
#include "models/common/large_pages.h"
#include "models/common/text.h"
#include "sim/data/import/input_bytes.h"

namespace lacuna {
namespace {

constexpr zip_int64_t max_members = 1024;
constexpr std::uint64_t best_deflate_ratio = 1032;

[[noreturn]] void fail_member(const std::string& path, const std::string& member, const std::string& wrong,
                              const std::string& allowed) {
  throw InputDataError({path, 0, cut(member, 64)}, wrong, allowed);
}

bool is_gzip(const std::string& path, std::uint64_t max_bytes) {
  std::ifstream file = open_limited(path, max_bytes);
  std::array<char, 2> start{};
  return file.read(start.data(), start.size()) && start[0] == '\x1f' && start[1] == '\x8b';
}

}  // namespace

void ZipArchive::Discard::operator()(zip* archive) const {
  zip_discard(archive);
}

void ZipArchive::Member::Close::operator()(zip_file* file) const {
  zip_fclose(file);
}

void ZipArchive::Member::fail() const {
  fail_member(path_, name_, "is damaged", "an intact archive");
}

void ZipArchive::Member::read(unsigned char* to, std::size_t count) {
  if (file_ == nullptr || count > size_ - position_) {
    fail();
  }
  const std::uint64_t end = position_ + count;
  while (position_ < end) {
    const zip_int64_t read = zip_fread(file_.get(), to, end - position_);
    if (read <= 0) {
      fail();
    }
    to += read;
    position_ += static_cast<std::uint64_t>(read);
  }
  unsigned char behind = 0;
  if (position_ == size_ && zip_fread(file_.get(), &behind, 1) != 0) {
    fail();
  }
}

std::vector<unsigned char> ZipArchive::Member::rest() {
  std::vector<unsigned char> bytes;
  reserve_large(bytes, size_ - position_);
  bytes.resize(size_ - position_);
  read(bytes.data(), bytes.size());
  return bytes;
}

ZipArchive::ZipArchive(const std::string& path, std::uint64_t max_bytes) : path_(path) {
  if (is_gzip(path, max_bytes)) {
    unpacked_ = read_bytes_unpacked(path, max_bytes);
  }
  open();
  const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
  if (count < 0 || count > max_members) {
    fail_member(path, "", std::to_string(count) + " members", "at most " + std::to_string(max_members));
  }
  std::uint64_t total = 0;
  for (zip_uint64_t number = 0; number < static_cast<zip_uint64_t>(count); ++number) {
    std::string name;
    const Place place = checked(number, name);
    if (place.size > max_bytes - total) {
      fail_member(path, name, "more than " + std::to_string(max_bytes) + " bytes in all",
                  "a smaller archive");
    }
    total += place.size;
    members_[name] = place;
  }
}

void ZipArchive::open() {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* const source = unpacked_.empty()
                                   ? zip_source_file_create(path_.c_str(), 0, 0, &error)
                                   : zip_source_buffer_create(unpacked_.data(), unpacked_.size(), 0, &error);
  archive_.reset(source == nullptr ? nullptr
                                   : zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error));
  zip_error_fini(&error);
  if (archive_ == nullptr) {
    zip_source_free(source);
    fail_member(path_, "", "is not a ZIP archive, or damaged", "a file that numpy or scipy wrote");
  }
}

ZipArchive::Place ZipArchive::checked(std::uint64_t number, std::string& name) const {
  zip_stat_t stat;
  zip_stat_init(&stat);
  constexpr zip_uint64_t wanted =
      ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  if (zip_stat_index(archive_.get(), number, 0, &stat) != 0 || (stat.valid & wanted) != wanted) {
    fail_member(path_, "", "member " + std::to_string(number) + " cannot be read", "an intact archive");
  }
  name = stat.name;
  if (stat.encryption_method != ZIP_EM_NONE ||
      (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE)) {
    fail_member(path_, name, "is encrypted or compressed by another method", "stored or deflated members");
  }
  const std::uint64_t ratio = stat.comp_method == ZIP_CM_STORE ? 1 : best_deflate_ratio;
  if (stat.size / ratio > stat.comp_size) {
    fail_member(path_, name, "claims more bytes than its compressed ones can hold", "an intact archive");
  }
  return {number, stat.size};
}

std::vector<std::string> ZipArchive::names() const {
  std::vector<std::string> names;
  for (const auto& [name, place] : members_) {
    names.push_back(name);
  }
  return names;
}

ZipArchive::Member ZipArchive::member(const std::string& name) const {
  const Place& place = members_.at(name);
  Member member;
  member.file_.reset(zip_fopen_index(archive_.get(), place.number, 0));
  member.size_ = place.size;
  member.path_ = path_;
  member.name_ = name;
  return member;
}

}  // namespace lacuna
