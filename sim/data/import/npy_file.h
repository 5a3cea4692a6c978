#pragma once

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

/// Largest `.npy` file that is read.
inline constexpr std::uint64_t max_npy_bytes = std::uint64_t{4} << 30;

/// Reads an array of numbers, plain or gzip: b1, f2, f4, f8, i1 to i8, u1 to u8 of either byte order, in C or
/// Fortran order (put into C order here). Throws InputDataError, before allocating, unless header and file
/// agree exactly; for unsigned integers above 2^63 - 1, and booleans other than 0 and 1.
NpyArray read_npy(const std::string& path);

/// The same from the bytes of a file; `path` is for messages.
NpyArray parse_npy(const std::vector<unsigned char>& bytes, const std::string& path);

}  // namespace lacuna
