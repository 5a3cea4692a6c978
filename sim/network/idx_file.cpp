#include "sim/network/idx_file.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <system_error>

#include <fmt/format.h>
#include <zlib.h>

#include "models/common/error.h"

namespace lacuna {
namespace {

constexpr std::uint64_t max_bytes = std::uint64_t{2} << 30;
constexpr std::size_t block_bytes = std::size_t{1} << 20;

[[noreturn]] void refuse(const std::string& path, const std::string& wrong, const std::string& allowed = {}) {
  throw InputDataError({path, 0, ""}, wrong, allowed);
}

struct CloseFile {
  void operator()(gzFile file) const { gzclose(file); }
};
using GzipFile = std::unique_ptr<gzFile_s, CloseFile>;

/// Reads `size` bytes, growing as they arrive: a header that promises too much allocates nothing.
std::vector<unsigned char> read_exactly(const GzipFile& file, std::uint64_t size, const std::string& path) {
  std::vector<unsigned char> bytes;
  while (bytes.size() < size) {
    const std::size_t want =
        static_cast<std::size_t>(std::min<std::uint64_t>(block_bytes, size - bytes.size()));
    const std::size_t before = bytes.size();
    bytes.resize(before + want);
    const int got = gzread(file.get(), bytes.data() + before, static_cast<unsigned>(want));
    if (got < 0) {
      refuse(path, "is damaged", "an IDX file, plain or gzip");
    }
    if (static_cast<std::size_t>(got) < want) {
      refuse(path, "ends too soon", fmt::format("{} bytes as its header says", size));
    }
  }
  return bytes;
}

std::uint32_t big_endian(const unsigned char* bytes) {
  return (std::uint32_t{bytes[0]} << 24) | (std::uint32_t{bytes[1]} << 16) | (std::uint32_t{bytes[2]} << 8) |
         bytes[3];
}

}  // namespace

IdxArray read_idx(const std::string& path) {
  std::error_code error;
  const bool regular = std::filesystem::is_regular_file(path, error);  // opening a pipe may wait for ever
  const GzipFile file(regular ? gzopen(path.c_str(), "rb") : nullptr);
  if (file == nullptr) {
    refuse(path, "cannot be read");
  }
  const std::vector<unsigned char> magic = read_exactly(file, 4, path);
  if (magic[0] != 0 || magic[1] != 0 || magic[2] != 8 || magic[3] < 1 || magic[3] > 4) {
    refuse(path, "is no IDX file of unsigned bytes", "bytes 0, 0, 8 and 1 to 4 dimensions at its beginning");
  }
  IdxArray array;
  std::uint64_t size = 1;
  const std::vector<unsigned char> extents = read_exactly(file, std::uint64_t{4} * magic[3], path);
  for (std::size_t d = 0; d < magic[3]; ++d) {
    array.shape.push_back(big_endian(extents.data() + 4 * d));
    size *= std::min<std::uint64_t>(array.shape.back(), max_bytes);
    if (size == 0 || size > max_bytes) {
      refuse(path, "has an empty or too large dimension", fmt::format("1 to {} bytes", max_bytes));
    }
  }
  array.values = read_exactly(file, size, path);
  unsigned char extra = 0;
  if (gzread(file.get(), &extra, 1) != 0) {
    refuse(path, "is longer than its header says, or its check sum is wrong");
  }
  return array;
}

}  // namespace lacuna
