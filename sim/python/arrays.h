#pragma once

#include <optional>
#include <string>

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include "sim/data/trace/trace.h"
#include "sim/family/layer_values.h"

namespace lacuna::python {

/// How a layer's weights are shared.
struct LayerSharing {
  std::uint32_t codebook_index_bits = 4;
  std::string initialisation = "linear";
  std::uint64_t seed = 1;
};

/// float32, C order, any other type converted.
using Reals = pybind11::array_t<float, pybind11::array::c_style | pybind11::array::forcecast>;
using Indices = pybind11::array_t<std::int64_t, pybind11::array::c_style | pybind11::array::forcecast>;

/// A matrix of compressed sparse columns, as scipy.sparse.csc_matrix holds it.
struct CscArrays {
  Reals data;
  Indices indices;
  Indices indptr;
  std::uint64_t rows = 0;
};

/// A layer [outputs, inputs] with its activations [vectors, inputs] as a trace. `bias` [outputs] and `labels`
/// [vectors] may be empty. Throws InputDataError for shapes that do not fit and values that are not finite.
Trace trace_of_dense(const Reals& weights, const Reals& bias, const Reals& activations, const Indices& labels,
                     const LayerSharing& sharing);
Trace trace_of_sparse(const CscArrays& weights, const Reals& bias, const Reals& activations,
                      const Indices& labels, const LayerSharing& sharing);

/// A dict: name, format, unit_exponent, raw (int64 [vectors, shape...]) and reference (float64 or None).
pybind11::dict dict_of(const LayerValues& values);

}  // namespace lacuna::python
