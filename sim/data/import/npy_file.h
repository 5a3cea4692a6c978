#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lacuna {

/// An array read from a `.npy` file, in C order.
struct NpyArray {
  std::string path;
  std::vector<std::uint64_t> shape;
  std::vector<double> reals;           ///< the elements of a float array, else empty
  std::vector<std::int64_t> integers;  ///< the elements of an integer or boolean array, else empty
  bool is_boolean = false;             ///< the integers are 0 and 1
};

/// What the header of a `.npy` file says (source: NumPy Enhancement Proposal 1, numpy.lib.format).
struct NpyHeader {
  char kind = 'f';             ///< f, i, u or b: float, signed or unsigned integer, boolean
  std::size_t item_bytes = 4;  ///< f: 2, 4, 8; i, u: 1, 2, 4, 8; b: 1
  bool big_endian = false;
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;
  std::size_t data_offset = 0;  ///< bytes before the data

  /// Product of the shape.
  std::uint64_t elements() const;
};

/// So many bytes hold the longest header that is read.
inline constexpr std::size_t npy_start_bytes = 12 + 65536;

/// Parses magic, version 1.0 to 3.0, and the dictionary; `start` is the file's begin, all of it or at least
/// `npy_start_bytes`. Throws InputDataError unless type and order are as above, at most 32 dimensions, and
/// header and data together are exactly `file_bytes` long.
NpyHeader parse_npy_header(const std::vector<unsigned char>& start, std::uint64_t file_bytes,
                           const std::string& path);

/// Largest `.npy` file that is read.
inline constexpr std::uint64_t max_npy_bytes = std::uint64_t{4} << 30;

/// Reads an array of numbers, plain or gzip: b1, f2, f4, f8, i1 to i8, u1 to u8 of either byte order, in C or
/// Fortran order (put into C order here). Throws InputDataError, before allocating, unless header and file
/// agree exactly; for unsigned integers above 2^63 - 1, and booleans other than 0 and 1.
NpyArray read_npy(const std::string& path);

/// The same from the bytes of a file; `path` is for messages.
NpyArray parse_npy(const std::vector<unsigned char>& bytes, const std::string& path);

}  // namespace lacuna
