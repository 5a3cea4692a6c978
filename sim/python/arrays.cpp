#include "sim/python/arrays.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "models/common/error.h"
#include "sim/data/import/kmeans.h"
#include "sim/data/import/npy_import.h"
#include "sim/data/import/sparse_matrix.h"
#include "sim/yaml/nearest.h"

namespace lacuna::python {
namespace {

namespace py = pybind11;

[[noreturn]] void refuse(const char* array, const std::string& wrong, const std::string& allowed = {}) {
  throw InputDataError({{}, 0, array}, wrong, allowed);
}

std::vector<float> floats(const Reals& array, const char* name) {
  std::vector<float> values(array.data(), array.data() + array.size());
  if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); })) {
    refuse(name, "holds a value that is not finite in float32");
  }
  return values;
}

void check_dimensions(const py::array& array, py::ssize_t dimensions, const char* name) {
  if (array.ndim() != dimensions) {
    refuse(name, fmt::format("has {} dimensions", array.ndim()), fmt::format("{}", dimensions));
  }
}

std::uint32_t size_of(py::ssize_t size, const char* name) {
  if (size < 1 || static_cast<std::uint64_t>(size) > max_sparse_dimension) {
    refuse(name, fmt::format("has a dimension of {}", size), fmt::format("1 to {}", max_sparse_dimension));
  }
  return static_cast<std::uint32_t>(size);
}

KmeansOptions options_of(const LayerSharing& sharing) {
  if (sharing.codebook_index_bits < 1 || sharing.codebook_index_bits > 8) {
    throw ConfigurationError({{}, 0, "codebook_index_bits"},
                             fmt::format("is {}", sharing.codebook_index_bits), "1 to 8");
  }
  const std::vector<std::string> names(centroid_initialisation_names.begin(),
                                       centroid_initialisation_names.end());
  const auto found = std::find(names.begin(), names.end(), sharing.initialisation);
  if (found == names.end()) {
    throw ConfigurationError({{}, 0, "initialisation"}, "'" + sharing.initialisation + "' is not known",
                             suggest(sharing.initialisation, names));
  }
  KmeansOptions options;
  options.shared_values = (1U << sharing.codebook_index_bits) - 1;
  options.initialisation = static_cast<CentroidInitialisation>(found - names.begin());
  options.seed = sharing.seed;
  return options;
}

std::vector<float> bias_of(const Reals& bias, std::uint32_t rows) {
  if (bias.size() == 0) {
    return {};
  }
  check_dimensions(bias, 1, "bias");
  if (static_cast<std::uint64_t>(bias.size()) != rows) {
    refuse("bias", fmt::format("has {} values", bias.size()), fmt::format("{}, one for each output", rows));
  }
  return floats(bias, "bias");
}

void add_vectors(Trace& trace, const Reals& activations, const Indices& labels) {
  check_dimensions(activations, 2, "activations");
  if (static_cast<std::uint64_t>(activations.shape(1)) != trace.inputs()) {
    refuse("activations", fmt::format("has {} columns", activations.shape(1)),
           fmt::format("{}, as the layer has inputs", trace.inputs()));
  }
  trace.activations = {size_of(activations.shape(0), "activations"), trace.inputs(),
                       floats(activations, "activations")};
  if (labels.size() > 0) {
    check_dimensions(labels, 1, "labels");
    if (labels.size() != activations.shape(0)) {
      refuse("labels", fmt::format("has {} values", labels.size()),
             fmt::format("{}, one for each vector", activations.shape(0)));
    }
    for (py::ssize_t i = 0; i < labels.size(); ++i) {
      const std::int64_t label = labels.at(i);
      if (label < 0 || label > std::numeric_limits<std::int32_t>::max()) {
        refuse("labels", fmt::format("holds {}", label), "numbers of outputs");
      }
      trace.labels.push_back(static_cast<std::int32_t>(label));
    }
  }
  check_trace(trace, "layer");
}

template <class T>
py::array_t<T> array_of(const LayerValues& values, const std::vector<T>& data) {
  std::vector<py::ssize_t> shape = {static_cast<py::ssize_t>(values.vectors)};
  for (const std::size_t size : values.shape) {
    shape.push_back(static_cast<py::ssize_t>(size));
  }
  py::array_t<T> array(shape);
  if (static_cast<std::size_t>(array.size()) != data.size()) {
    throw InputDataError({{}, 0, values.name},
                         fmt::format("has {} values for a shape of {}", data.size(), array.size()));
  }
  std::memcpy(array.mutable_data(), data.data(), data.size() * sizeof(T));
  return array;
}

}  // namespace

Trace trace_of_dense(const Reals& weights, const Reals& bias, const Reals& activations, const Indices& labels,
                     const LayerSharing& sharing) {
  check_dimensions(weights, 2, "weights");
  const DenseMatrix matrix{size_of(weights.shape(0), "weights"), size_of(weights.shape(1), "weights"),
                           floats(weights, "weights")};
  Trace trace = share_dense_layer(matrix, bias_of(bias, matrix.rows), options_of(sharing));
  add_vectors(trace, activations, labels);
  return trace;
}

Trace trace_of_sparse(const CscArrays& weights, const Reals& bias, const Reals& activations,
                      const Indices& labels, const LayerSharing& sharing) {
  const std::uint32_t rows = size_of(static_cast<py::ssize_t>(weights.rows), "weights");
  const std::uint32_t columns = size_of(weights.indptr.size() - 1, "weights");
  const std::vector<float> values = floats(weights.data, "weights");
  std::vector<SparseEntry> entries;
  entries.reserve(values.size());
  for (std::uint32_t column = 0; column < columns; ++column) {
    const std::int64_t first = weights.indptr.at(column);
    const std::int64_t last = weights.indptr.at(column + 1);
    if (first < 0 || last < first || last > weights.indices.size() ||
        static_cast<std::size_t>(last) > values.size()) {
      refuse("weights", fmt::format("column {} runs from {} to {}", column, first, last),
             "pointers that ascend within the entries");
    }
    for (std::int64_t i = first; i < last; ++i) {
      const std::int64_t row = weights.indices.at(i);
      if (row < 0 || row >= rows) {
        refuse("weights", fmt::format("column {} has an entry in row {}", column, row),
               fmt::format("0 to {}", rows - 1));
      }
      entries.push_back({static_cast<std::uint32_t>(row), column, values[static_cast<std::size_t>(i)]});
    }
  }
  SparseMatrix matrix = make_sparse(rows, columns, std::move(entries), Addition::reals, "weights");
  Trace trace = share_sparse_layer(std::move(matrix), bias_of(bias, rows), options_of(sharing));
  add_vectors(trace, activations, labels);
  return trace;
}

pybind11::dict dict_of(const LayerValues& values) {
  py::dict dict;
  dict["name"] = values.name;
  dict["format"] = values.format;
  dict["unit_exponent"] = values.unit_exponent;
  dict["raw"] = values.raw.empty() ? py::object(py::none()) : py::object(array_of(values, values.raw));
  dict["reference"] =
      values.reference.empty() ? py::object(py::none()) : py::object(array_of(values, values.reference));
  return dict;
}

}  // namespace lacuna::python
