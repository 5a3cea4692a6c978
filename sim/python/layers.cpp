#include <map>
#include <string>
#include <utility>

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "sim/data/trace/trace_file.h"
#include "sim/python/arrays.h"
#include "sim/python/bindings.h"

namespace lacuna::python {
namespace {

namespace py = pybind11;

/// A layer made of arrays.
class ArrayLayer {
 public:
  ArrayLayer(Trace trace, std::string name, bool relu, const std::map<std::string, std::string>& provenance)
      : trace_(std::move(trace)) {
    trace_.name = std::move(name);
    trace_.relu = relu;
    trace_.provenance.insert(provenance.begin(), provenance.end());
  }

  const Trace& trace() const { return trace_; }

  /// Without a checksum of each part: it is read back at once.
  void write(const std::string& path, bool packed) const {
    const py::gil_scoped_release unlocked;
    write_trace(trace_, path, packed ? TraceCompression::small : TraceCompression::none);
  }

 private:
  Trace trace_;
};

py::array_t<float> codebook_of(const ArrayLayer& layer) {
  const std::vector<float>& codebook = layer.trace().codebook;
  return py::array_t<float>(static_cast<py::ssize_t>(codebook.size()), codebook.data());
}

}  // namespace

void add_layers(py::module_& module) {
  py::class_<ArrayLayer>(module, "ArrayLayer")
      .def_property_readonly("name", [](const ArrayLayer& layer) { return layer.trace().name; })
      .def_property_readonly("shape",
                             [](const ArrayLayer& layer) {
                               return py::make_tuple(layer.trace().matrix.rows, layer.trace().inputs());
                             })
      .def_property_readonly("vectors",
                             [](const ArrayLayer& layer) { return layer.trace().activations.vectors; })
      .def_property_readonly("relu", [](const ArrayLayer& layer) { return layer.trace().relu; })
      .def_property_readonly("has_bias", [](const ArrayLayer& layer) { return layer.trace().has_bias; })
      .def_property_readonly("codebook", &codebook_of)
      .def_property_readonly("provenance", [](const ArrayLayer& layer) { return layer.trace().provenance; })
      .def("write", &ArrayLayer::write, py::arg("path"), py::arg("packed") = false);

  module.def(
      "dense_layer",
      [](const Reals& weights, const Reals& bias, const Reals& activations, const Indices& labels,
         std::uint32_t codebook_index_bits, const std::string& initialisation, std::uint64_t seed,
         const std::string& name, bool relu, const std::map<std::string, std::string>& provenance) {
        return ArrayLayer(
            trace_of_dense(weights, bias, activations, labels, {codebook_index_bits, initialisation, seed}),
            name, relu, provenance);
      },
      py::kw_only(), py::arg("weights"), py::arg("bias"), py::arg("activations"), py::arg("labels"),
      py::arg("codebook_index_bits"), py::arg("initialisation"), py::arg("seed"), py::arg("name"),
      py::arg("relu"), py::arg("provenance"));
  module.def(
      "sparse_layer",
      [](const Reals& data, const Indices& indices, const Indices& indptr, std::uint64_t rows,
         const Reals& bias, const Reals& activations, const Indices& labels,
         std::uint32_t codebook_index_bits, const std::string& initialisation, std::uint64_t seed,
         const std::string& name, bool relu, const std::map<std::string, std::string>& provenance) {
        return ArrayLayer(trace_of_sparse({data, indices, indptr, rows}, bias, activations, labels,
                                          {codebook_index_bits, initialisation, seed}),
                          name, relu, provenance);
      },
      py::kw_only(), py::arg("data"), py::arg("indices"), py::arg("indptr"), py::arg("rows"), py::arg("bias"),
      py::arg("activations"), py::arg("labels"), py::arg("codebook_index_bits"), py::arg("initialisation"),
      py::arg("seed"), py::arg("name"), py::arg("relu"), py::arg("provenance"));
}

}  // namespace lacuna::python
