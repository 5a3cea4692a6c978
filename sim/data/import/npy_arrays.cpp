#include "sim/data/import/npy_arrays.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include <boost/random/mersenne_twister.hpp>

#include "models/common/exact_float.h"
#include "sim/data/import/input_bytes.h"

namespace lacuna {
namespace {

std::string shape_text(const NpyArray& array) {
  std::string text = "[";
  for (const std::uint64_t dimension : array.shape) {
    text += (text.size() == 1 ? "" : ", ") + std::to_string(dimension);
  }
  return text + "]";
}

[[noreturn]] void fail_shape(const NpyArray& array, const std::string& allowed) {
  throw InputDataError({array.path, 0, ""}, "shape " + shape_text(array), allowed);
}

[[noreturn]] void fail_element(const NpyArray& array, std::size_t element, const std::string& wrong,
                               const std::string& allowed) {
  throw InputDataError({array.path, 0, ""}, "element " + std::to_string(element) + wrong, allowed);
}

float to_float(const NpyArray& array, std::size_t element, double value) {
  const auto narrow = static_cast<float>(value);
  if (!std::isfinite(narrow)) {
    fail_element(array, element, " is not finite", "finite float32 numbers");
  }
  return narrow;
}

void add_vanishing(const NpyArray& array, std::uint64_t* vanished) {
  if (vanished != nullptr) {
    *vanished += count_vanishing(array);
  }
}

}  // namespace

std::string vanished_text(std::uint64_t count) {
  return (count == 1 ? "1 number is" : std::to_string(count) + " numbers are") +
         std::string(" too small for float32 and became 0");
}

std::uint64_t count_vanishing(const NpyArray& array) {
  return static_cast<std::uint64_t>(
      std::count_if(array.reals.begin(), array.reals.end(), vanishes_in_float32));
}

std::vector<float> to_floats(const NpyArray& array) {
  std::vector<float> values;
  values.reserve(array.reals.size() + array.integers.size());
  for (const double real : array.reals) {
    values.push_back(to_float(array, values.size(), real));
  }
  for (const std::int64_t integer : array.integers) {
    const std::optional<float> exact = exact_float(integer);
    if (!exact) {
      fail_element(array, values.size(), ", " + std::to_string(integer) + ", is not exact in float32",
                   exact_integers);
    }
    values.push_back(*exact);
  }
  return values;
}

DenseMatrix read_matrix_npy(const std::string& path) {
  const NpyArray array = read_npy(path);
  if (array.shape.size() != 2 || array.shape[0] < 1 || array.shape[1] < 1 ||
      array.shape[0] > max_matrix_dimension || array.shape[1] > max_matrix_dimension) {
    fail_shape(array, "two dimensions, neither of them 0");
  }
  return {static_cast<std::uint32_t>(array.shape[0]), static_cast<std::uint32_t>(array.shape[1]),
          to_floats(array), count_vanishing(array)};
}

std::vector<float> read_vector_npy(const std::string& path, std::uint64_t count, std::uint64_t* vanished) {
  const NpyArray array = read_npy(path);
  if (array.shape.size() != 1 || array.shape[0] != count) {
    fail_shape(array, "[" + std::to_string(count) + "]");
  }
  add_vanishing(array, vanished);
  return to_floats(array);
}

ActivationSet read_activations_npy(const std::string& path, std::uint32_t inputs, std::uint64_t* vanished) {
  const NpyArray array = read_npy(path);
  const bool one = array.shape.size() == 1;
  if ((!one && array.shape.size() != 2) || array.shape.back() != inputs ||
      (!one && (array.shape[0] < 1 || array.shape[0] > max_matrix_dimension))) {
    fail_shape(array, "[vectors, " + std::to_string(inputs) + "], at least one vector");
  }
  add_vanishing(array, vanished);
  return {one ? 1U : static_cast<std::uint32_t>(array.shape[0]), inputs, to_floats(array)};
}

ActivationSet random_activations(std::uint32_t vectors, std::uint32_t inputs, double density,
                                 std::uint64_t seed) {
  constexpr std::uint64_t most = std::uint64_t{1} << 30U;
  if (!(density >= 0.0 && density <= 1.0) || vectors == 0 || std::uint64_t{vectors} * inputs > most) {
    throw ConfigurationError({},
                             "random activations of density " + std::to_string(density) + ", " +
                                 std::to_string(vectors) + " vectors",
                             "a density from 0 to 1, at most " + std::to_string(most) + " activations");
  }
  constexpr double range = 4294967296.0;  // of half a random number
  boost::random::mt19937_64 engine(seed);
  ActivationSet set{vectors, inputs, {}};
  set.values.reserve(std::size_t{vectors} * inputs);
  for (std::uint64_t i = 0; i < std::uint64_t{vectors} * inputs; ++i) {
    const std::uint64_t bits = engine();
    const bool is_nonzero = static_cast<double>(bits >> 32U) < density * range;
    const auto value = static_cast<float>((bits >> 8U & 0xffffU) + 1) / 65537.0F;
    set.values.push_back(is_nonzero ? value : 0.0F);
  }
  return set;
}

std::vector<std::int32_t> read_labels_npy(const std::string& path, std::uint32_t vectors) {
  const NpyArray array = read_npy(path);
  if (array.shape.size() != 1 || array.shape[0] != vectors) {
    fail_shape(array, "[" + std::to_string(vectors) + "], one label for each vector");
  }
  return to_integers<std::int32_t>(array);
}

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
  std::size_t place = content.size();
  content.resize(place + values.size() * sizeof(float));
  for (const float value : values) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    for (int shift = 0; shift < 32; shift += 8) {
      content[place++] = static_cast<char>(bits >> shift & 0xFFU);
    }
  }
  return content;
}

}  // namespace lacuna
