#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/data/import/npy_arrays.h"

namespace lacuna {

/// Real numbers of any shape in C order, as a file of several arrays holds them under a name.
struct NamedTensor {
  std::string place;  ///< file, and name within it, for messages
  std::vector<std::uint64_t> shape;
  std::vector<float> values;
  std::uint64_t vanished = 0;  ///< numbers of the file that were too small for float32 and became 0
};

/// A matrix of rank 2, neither dimension 0 nor above 2^31 - 2. Throws InputDataError.
DenseMatrix to_matrix(NamedTensor tensor);

/// A list of `count` numbers. Throws InputDataError.
std::vector<float> to_vector(NamedTensor tensor, std::uint64_t count);

/// The matrix with rows and columns exchanged.
DenseMatrix transposed(const DenseMatrix& matrix);

/// Most weights of a tensor that is read: 4 GiB of float32.
inline constexpr std::uint64_t max_tensor_elements = std::uint64_t{1} << 30;

/// Product of the shape. Throws InputDataError (place: `place`) when it is more than `max_tensor_elements`.
std::uint64_t checked_elements(const std::vector<std::uint64_t>& shape, const std::string& place);

}  // namespace lacuna
