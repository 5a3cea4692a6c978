#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "models/common/error.h"
#include "sim/data/import/npy_file.h"
#include "sim/data/trace/trace.h"

namespace lacuna {

/// The most rows or columns of a matrix that is read (our choice: numbers of outputs fit 31 bits, with one to
/// spare).
constexpr std::uint64_t max_matrix_dimension = (std::uint64_t{1} << 31) - 2;

/// A matrix of real numbers in C order.
struct DenseMatrix {
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
  std::vector<float> values;
  std::uint64_t vanished = 0;  ///< numbers of the file that were too small for float32 and became 0
};

/// The elements as finite float32. Throws InputDataError for other values; integers must be exact in float32.
std::vector<float> to_floats(const NpyArray& array);

/// "3 numbers are too small for float32 and became 0".
std::string vanished_text(std::uint64_t count);

/// How many of the elements are too small for float32: not 0, and 0 in `to_floats`.
std::uint64_t count_vanishing(const NpyArray& array);

/// The elements of an integer array of rank 1, each in the range of T. Throws InputDataError.
template <class T>
std::vector<T> to_integers(const NpyArray& array) {
  if (array.shape.size() != 1 || !array.reals.empty()) {
    throw InputDataError({array.path, 0, ""}, "is not a list of integers", "integers, one dimension");
  }
  constexpr std::int64_t lowest =
      std::numeric_limits<T>::is_signed ? std::int64_t{std::numeric_limits<T>::lowest()} : 0;
  constexpr std::int64_t highest = sizeof(T) < 8 ? static_cast<std::int64_t>(std::numeric_limits<T>::max())
                                                 : std::numeric_limits<std::int64_t>::max();
  std::vector<T> values;
  values.reserve(array.integers.size());
  for (const std::int64_t value : array.integers) {
    if (value < lowest || value > highest) {
      throw InputDataError({array.path, 0, ""},
                           "element " + std::to_string(values.size()) + " is out of range",
                           std::to_string(lowest) + " to " + std::to_string(highest));
    }
    values.push_back(static_cast<T>(value));
  }
  return values;
}

/// A `.npy` file of rank 2, neither dimension 0 nor above 2^31 - 2. Throws InputDataError.
DenseMatrix read_matrix_npy(const std::string& path);

/// A `.npy` file of `count` numbers in one dimension; adds those that were too small for float32 to
/// `vanished`. Throws InputDataError.
std::vector<float> read_vector_npy(const std::string& path, std::uint64_t count,
                                   std::uint64_t* vanished = nullptr);

/// Activations [vectors, inputs], or [inputs] for one vector. Throws InputDataError unless there are `inputs`
/// of them. Adds those that were too small for float32 to `vanished`.
ActivationSet read_activations_npy(const std::string& path, std::uint32_t inputs,
                                   std::uint64_t* vanished = nullptr);

/// Activations that are made up: each is nonzero with that probability, and then uniform in (0, 1); decided
/// by the seed and its place alone. Throws ConfigurationError for a density outside 0 to 1 and for more than
/// 2^30.
ActivationSet random_activations(std::uint32_t vectors, std::uint32_t inputs, double density,
                                 std::uint64_t seed);

/// Integer labels, one for each of `vectors` vectors. Throws InputDataError.
std::vector<std::int32_t> read_labels_npy(const std::string& path, std::uint32_t vectors);

/// The content of a `.npy` file (version 1.0, little-endian float32, C order) of that shape.
std::string npy_content(const std::vector<std::uint64_t>& shape, const std::vector<float>& values);

}  // namespace lacuna
