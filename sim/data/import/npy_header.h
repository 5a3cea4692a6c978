#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lacuna {

/// What the header of a `.npy` file says (source: NumPy Enhancement Proposal 1, numpy.lib.format).
struct NpyHeader {
  char kind = 'f';             ///< f, i or u: float, signed or unsigned integer
  std::size_t item_bytes = 4;  ///< f: 4, 8; i, u: 1, 2, 4, 8; little-endian
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;
  std::size_t data_offset = 0;  ///< bytes before the data

  /// Product of the shape.
  std::uint64_t elements() const;
};

/// Parses magic, version 1.0 or 2.0, and the dictionary; `bytes` is the whole file. Throws InputDataError
/// unless type and order are as above, at most 32 dimensions, and header and data together are exactly as
/// long as the file.
NpyHeader parse_npy_header(const std::vector<unsigned char>& bytes, const std::string& path);

}  // namespace lacuna
