#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lacuna {

/// An array of bytes from an IDX file (the format of MNIST), C order.
struct IdxArray {
  std::vector<std::uint32_t> shape;
  std::vector<unsigned char> values;
};

/// Reads an IDX file of unsigned bytes with 1 to 4 dimensions, plain or compressed by gzip. At most 2 GiB,
/// compressed or not. Throws InputDataError unless header and content agree exactly.
IdxArray read_idx(const std::string& path);

}  // namespace lacuna
