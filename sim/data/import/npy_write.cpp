#include "sim/data/import/npy_write.h"

#include <cstring>

namespace lacuna {

std::string npy_content(const std::vector<std::uint64_t>& shape, const std::vector<float>& values) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (const std::uint64_t dimension : shape) {
    header += std::to_string(dimension) + ", ";
  }
  header += "), }";
  constexpr std::size_t before = 10;  // magic, version and length of the header
  header.resize((before + header.size() + 1 + 63) / 64 * 64 - before, ' ');
  header.back() = '\n';
  std::string content("\x93NUMPY\x01\x00", 8);
  content += static_cast<char>(header.size() & 0xFFU);
  content += static_cast<char>(header.size() >> 8);
  content += header;
  for (const float value : values) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    for (int shift = 0; shift < 32; shift += 8) {
      content += static_cast<char>(bits >> shift & 0xFFU);
    }
  }
  return content;
}

}  // namespace lacuna
