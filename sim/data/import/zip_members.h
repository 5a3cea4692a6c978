#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lacuna {

/// A file within a ZIP archive.
struct ZipMember {
  std::string name;
  std::vector<unsigned char> bytes;
};

/// Reads all members of a ZIP archive, stored or deflated, in the archive's order. Throws InputDataError for
/// damaged or encrypted archives and other methods, for more than 1,024 members or `max_bytes` in all, and
/// for members that claim more than deflate can make of their stored bytes, before anything of that size is
/// allocated.
std::vector<ZipMember> read_zip(const std::string& path, std::uint64_t max_bytes);

}  // namespace lacuna
