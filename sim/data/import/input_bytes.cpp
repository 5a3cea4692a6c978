#include "sim/data/import/input_bytes.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "models/common/checksum.h"
#include "models/common/error.h"
#include "sim/data/trace/trace.h"

namespace lacuna {

std::vector<unsigned char> read_bytes(const std::string& path, std::uint64_t max_bytes) {
  std::error_code error;
  const bool regular = std::filesystem::is_regular_file(path, error);
  const std::uintmax_t size = regular ? std::filesystem::file_size(path, error) : 0;
  std::ifstream file;
  if (regular) {  // opening a pipe may wait for ever
    file.open(path, std::ios::binary);
  }
  if (!regular || error || !file.is_open()) {
    throw InputDataError({path, 0, ""}, "cannot be opened", "a readable file");
  }
  if (size > max_bytes) {
    throw InputDataError({path, 0, ""}, "is " + std::to_string(size) + " bytes long",
                         "at most " + std::to_string(max_bytes));
  }
  std::vector<unsigned char> bytes(size);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  if (static_cast<std::uintmax_t>(file.gcount()) != size) {
    throw InputDataError({path, 0, ""}, "cannot be read to its end", "a readable file");
  }
  return bytes;
}

std::uint64_t little_endian(const unsigned char* bytes, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i > 0; --i) {
    value = value << 8 | bytes[i - 1];
  }
  return value;
}

float little_endian_float(const unsigned char* bytes) {
  const auto bits = static_cast<std::uint32_t>(little_endian(bytes, 4));
  float value = 0.0F;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

double little_endian_double(const unsigned char* bytes) {
  const std::uint64_t bits = little_endian(bytes, 8);
  double value = 0.0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

void record_source(Trace& trace, const std::string& role, const std::string& path) {
  trace.provenance[role + "_file"] = std::filesystem::path(path).filename().string();
  trace.provenance[role + "_sha256"] = sha256_file(path);
}

}  // namespace lacuna
