#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

struct zip;
struct zip_file;

namespace lacuna {

/// A ZIP archive, whose members are read when they are asked for.
class ZipArchive {
 public:
  /// A member, read from its begin to its end.
  class Member {
   public:
    std::uint64_t size() const { return size_; }
    /// The next bytes; at the end the checksum is checked. Throws InputDataError where it is wrong, and where
    /// fewer bytes follow.
    void read(unsigned char* to, std::size_t count);
    /// All bytes that follow.
    std::vector<unsigned char> rest();

   private:
    friend class ZipArchive;
    struct Close {
      void operator()(zip_file* file) const;
    };
    [[noreturn]] void fail() const;

    std::unique_ptr<zip_file, Close> file_;
    std::uint64_t size_ = 0;
    std::uint64_t position_ = 0;
    std::string path_;
    std::string name_;
  };

  /// Opens a file, which may be packed by gzip. Throws InputDataError for damaged or encrypted archives and
  /// for members that are neither stored nor deflated, for more than 1,024 members or `max_bytes` in all, and
  /// for members that claim more than deflate can make of their stored bytes, before anything of that size is
  /// allocated.
  ZipArchive(const std::string& path, std::uint64_t max_bytes);

  bool has(const std::string& name) const { return members_.count(name) > 0; }
  /// Of all members, in order.
  std::vector<std::string> names() const;
  /// A member that is there. Must not outlive the archive.
  Member member(const std::string& name) const;

 private:
  struct Discard {
    void operator()(zip* archive) const;
  };
  struct Place {
    std::uint64_t number = 0;
    std::uint64_t size = 0;
  };

  void open();
  Place checked(std::uint64_t number, std::string& name) const;

  std::string path_;
  std::vector<unsigned char> unpacked_;  ///< the archive where the file is gzip
  std::unique_ptr<zip, Discard> archive_;
  std::map<std::string, Place> members_;
};

}  // namespace lacuna
