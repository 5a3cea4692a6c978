#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

namespace lacuna {

struct Trace;

/// Throws InputDataError for a file as a whole: what is wrong, what is allowed.
[[noreturn]] void fail_file(const std::string& path, const std::string& wrong, const std::string& allowed);

/// A regular file, opened. Throws InputDataError when it cannot be, and when it has more than `max_bytes`.
std::ifstream open_limited(const std::string& path, std::uint64_t max_bytes);

/// All bytes of a regular file. Throws InputDataError, before allocating, when there are more than
/// `max_bytes`.
std::vector<unsigned char> read_bytes(const std::string& path, std::uint64_t max_bytes);

/// The same, unpacked where the file is gzip (whatever its name): then at most `max_bytes` unpacked. Throws
/// InputDataError for damaged or cut gzip data, and for bytes behind them.
std::vector<unsigned char> read_bytes_unpacked(const std::string& path, std::uint64_t max_bytes);

/// `count` bytes of a regular file from `offset` on. Throws InputDataError when they are not there.
std::vector<unsigned char> read_bytes_at(const std::string& path, std::uint64_t offset, std::uint64_t count);

/// Length of a regular file. Throws InputDataError.
std::uint64_t file_length(const std::string& path);

/// The path without a ".gz" at its end.
std::string without_gz(const std::string& path);

/// The little-endian unsigned integer in the first `size` (1 to 8) bytes.
inline std::uint64_t little_endian(const unsigned char* bytes, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i > 0; --i) {
    value = value << 8 | bytes[i - 1];
  }
  return value;
}

/// The IEEE float32 and float64 in the first 4 and 8 bytes, little-endian.
inline float little_endian_float(const unsigned char* bytes) {
  const auto bits = static_cast<std::uint32_t>(little_endian(bytes, 4));
  float value = 0.0F;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
inline double little_endian_double(const unsigned char* bytes) {
  const std::uint64_t bits = little_endian(bytes, 8);
  double value = 0.0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/// The IEEE binary16 and the bfloat16 of these bits; exact.
float half_float(std::uint16_t bits);
float brain_float(std::uint16_t bits);

/// Records a source file's name (without its folders) and SHA-256 in the provenance, as ROLE_file and
/// ROLE_sha256. Throws InputDataError when it cannot be read.
void record_source(Trace& trace, const std::string& role, const std::string& path);

}  // namespace lacuna
