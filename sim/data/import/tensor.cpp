#include "sim/data/import/tensor.h"

#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/common/error.h"

namespace lacuna {
namespace {

[[noreturn]] void fail_tensor_shape(const NamedTensor& tensor, const std::string& allowed) {
  throw InputDataError({tensor.place, 0, ""}, fmt::format("shape [{}]", fmt::join(tensor.shape, ", ")),
                       allowed);
}

}  // namespace

DenseMatrix to_matrix(NamedTensor tensor) {
  const bool fits = tensor.shape.size() == 2 && tensor.shape[0] >= 1 && tensor.shape[1] >= 1 &&
                    tensor.shape[0] <= max_matrix_dimension && tensor.shape[1] <= max_matrix_dimension;
  if (!fits) {
    fail_tensor_shape(tensor, "two dimensions, neither of them 0");
  }
  return {static_cast<std::uint32_t>(tensor.shape[0]), static_cast<std::uint32_t>(tensor.shape[1]),
          std::move(tensor.values), tensor.vanished};
}

std::vector<float> to_vector(NamedTensor tensor, std::uint64_t count) {
  if (tensor.shape.size() != 1 || tensor.shape[0] != count) {
    fail_tensor_shape(tensor, fmt::format("[{}]", count));
  }
  return std::move(tensor.values);
}

DenseMatrix transposed(const DenseMatrix& matrix) {
  DenseMatrix result{matrix.columns, matrix.rows, std::vector<float>(matrix.values.size()), matrix.vanished};
  for (std::uint64_t row = 0; row < matrix.rows; ++row) {
    for (std::uint64_t column = 0; column < matrix.columns; ++column) {
      result.values[column * matrix.rows + row] = matrix.values[row * matrix.columns + column];
    }
  }
  return result;
}

std::uint64_t checked_elements(const std::vector<std::uint64_t>& shape, const std::string& place) {
  std::uint64_t elements = 1;
  for (const std::uint64_t extent : shape) {
    if (extent != 0 && elements > max_tensor_elements / extent) {
      throw InputDataError({place, 0, ""}, fmt::format("shape [{}]", fmt::join(shape, ", ")),
                           fmt::format("at most {} numbers", max_tensor_elements));
    }
    elements *= extent;
  }
  return elements;
}

}  // namespace lacuna
