#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lacuna {

struct Trace;

/// All bytes of a regular file. Throws InputDataError, before allocating, when there are more than
/// `max_bytes`.
std::vector<unsigned char> read_bytes(const std::string& path, std::uint64_t max_bytes);

/// The little-endian unsigned integer in the first `size` (1 to 8) bytes.
std::uint64_t little_endian(const unsigned char* bytes, std::size_t size);

/// The IEEE float32 and float64 in the first 4 and 8 bytes, little-endian.
float little_endian_float(const unsigned char* bytes);
double little_endian_double(const unsigned char* bytes);

/// Records a source file's name (without its folders) and SHA-256 in the provenance, as ROLE_file and
/// ROLE_sha256. Throws InputDataError when it cannot be read.
void record_source(Trace& trace, const std::string& role, const std::string& path);

}  // namespace lacuna
