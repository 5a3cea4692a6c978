#include "sim/data/import/input_bytes.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <zlib.h>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "models/common/large_pages.h"
#include "sim/data/trace/trace.h"

namespace lacuna {
namespace {

std::ifstream open_input(const std::string& path, std::uint64_t& size) {
  std::error_code error;
  const bool regular = std::filesystem::is_regular_file(path, error);
  size = regular ? std::filesystem::file_size(path, error) : 0;
  std::ifstream file;
  if (regular) {  // opening a pipe may wait for ever
    file.open(path, std::ios::binary);
  }
  if (!regular || error || !file.is_open()) {
    fail_file(path, "cannot be opened", "a readable file");
  }
  return file;
}

std::vector<unsigned char> read_part(std::ifstream& file, std::uint64_t offset, std::uint64_t count,
                                     const std::string& path) {
  std::vector<unsigned char> bytes;
  reserve_large(bytes, count);
  bytes.resize(count);
  file.seekg(static_cast<std::streamoff>(offset));
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(count));
  if (static_cast<std::uint64_t>(file.gcount()) != count) {
    fail_file(path, "cannot be read to its end", "a readable file");
  }
  return bytes;
}

/// Unpacks gzip members one after the other, growing as bytes come.
class Gunzip {
 public:
  Gunzip(const std::vector<unsigned char>& packed, std::uint64_t max_bytes, const std::string& path)
      : packed_(packed), max_bytes_(max_bytes), path_(path) {
    constexpr int gzip_windows = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, gzip_windows) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  ~Gunzip() { inflateEnd(&stream_); }
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  std::vector<unsigned char> run() {
    while (next_ < packed_.size()) {
      if (packed_.size() - next_ < 2 || packed_[next_] != 0x1f || packed_[next_ + 1] != 0x8b) {
        fail_file(path_, "has other bytes behind its gzip data", "gzip data alone");
      }
      run_member();
      inflateReset(&stream_);
    }
    return std::move(bytes_);
  }

 private:
  static constexpr std::size_t step_bytes = std::size_t{1} << 22;

  void run_member() {
    int code = Z_OK;
    while (code != Z_STREAM_END) {
      const std::size_t before = bytes_.size();
      const std::size_t input = std::min(step_bytes, packed_.size() - next_);
      bytes_.resize(before + step_bytes);
      stream_.next_in = const_cast<unsigned char*>(packed_.data() + next_);
      stream_.avail_in = static_cast<unsigned>(input);
      stream_.next_out = bytes_.data() + before;
      stream_.avail_out = static_cast<unsigned>(step_bytes);
      code = inflate(&stream_, Z_NO_FLUSH);
      next_ += input - stream_.avail_in;
      bytes_.resize(before + step_bytes - stream_.avail_out);
      if ((code != Z_OK && code != Z_STREAM_END) || (code == Z_OK && input == 0)) {
        fail_file(path_, "holds damaged or cut gzip data", "an intact .gz file");
      }
      if (bytes_.size() > max_bytes_) {
        fail_file(path_, "is longer than allowed when unpacked",
                  "at most " + std::to_string(max_bytes_) + " bytes");
      }
    }
  }

  const std::vector<unsigned char>& packed_;
  std::uint64_t max_bytes_;
  const std::string& path_;
  z_stream stream_{};
  std::size_t next_ = 0;
  std::vector<unsigned char> bytes_;
};

}  // namespace

void fail_file(const std::string& path, const std::string& wrong, const std::string& allowed) {
  throw InputDataError({path, 0, ""}, wrong, allowed);
}

namespace {

std::ifstream open_sized(const std::string& path, std::uint64_t max_bytes, std::uint64_t& size) {
  std::ifstream file = open_input(path, size);
  if (size > max_bytes) {
    fail_file(path, "is " + std::to_string(size) + " bytes long", "at most " + std::to_string(max_bytes));
  }
  return file;
}

}  // namespace

std::ifstream open_limited(const std::string& path, std::uint64_t max_bytes) {
  std::uint64_t size = 0;
  return open_sized(path, max_bytes, size);
}

std::vector<unsigned char> read_bytes(const std::string& path, std::uint64_t max_bytes) {
  std::uint64_t size = 0;
  std::ifstream file = open_sized(path, max_bytes, size);
  return read_part(file, 0, size, path);
}

std::vector<unsigned char> read_bytes_unpacked(const std::string& path, std::uint64_t max_bytes) {
  std::vector<unsigned char> bytes = read_bytes(path, max_bytes);
  const bool is_gzip = bytes.size() > 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
  return is_gzip ? Gunzip(bytes, max_bytes, path).run() : std::move(bytes);
}

std::vector<unsigned char> read_bytes_at(const std::string& path, std::uint64_t offset, std::uint64_t count) {
  std::uint64_t size = 0;
  std::ifstream file = open_input(path, size);
  if (offset > size || count > size - offset) {
    fail_file(path, "is cut short", "a whole file");
  }
  return read_part(file, offset, count, path);
}

std::uint64_t file_length(const std::string& path) {
  std::uint64_t size = 0;
  open_input(path, size);
  return size;
}

std::string without_gz(const std::string& path) {
  const bool has_gz = path.size() > 3 && path.compare(path.size() - 3, 3, ".gz") == 0;
  return has_gz ? path.substr(0, path.size() - 3) : path;
}

float half_float(std::uint16_t bits) {
  const std::uint32_t exponent = bits >> 10U & 0x1fU;
  const std::uint32_t fraction = bits & 0x3ffU;
  float magnitude = 0.0F;
  if (exponent == 0x1f) {
    magnitude = fraction == 0 ? INFINITY : NAN;
  } else if (exponent == 0) {
    magnitude = std::ldexp(static_cast<float>(fraction), -24);
  } else {
    magnitude = std::ldexp(static_cast<float>(fraction + 0x400U), static_cast<int>(exponent) - 25);
  }
  return (bits & 0x8000U) != 0 ? -magnitude : magnitude;
}

float brain_float(std::uint16_t bits) {
  const std::uint32_t wide = std::uint32_t{bits} << 16U;
  float value = 0.0F;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

void record_source(Trace& trace, const std::string& role, const std::string& path) {
  trace.provenance[role + "_file"] = std::filesystem::path(path).filename().string();
  trace.provenance[role + "_sha256"] = sha256_file(path);
}

}  // namespace lacuna
