// The Python module lacuna._core: what the package lacuna (sim/python/lacuna) is made of.

#include <exception>
#include <utility>

#include <pybind11/pybind11.h>

#include "models/common/error.h"
#include "models/common/version.h"
#include "sim/python/bindings.h"

namespace {

namespace py = pybind11;

/// Lacuna's errors as Python's, with the same names and one line of text.
void add_errors(py::module_& module) {
  static const py::exception<lacuna::Error> error(module, "Error");
  static const py::exception<lacuna::ConfigurationError> configuration(module, "ConfigurationError", error);
  static const py::exception<lacuna::CapacityError> capacity(module, "CapacityError", configuration);
  static const py::exception<lacuna::InputDataError> input_data(module, "InputDataError", error);
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      if (thrown) {
        std::rethrow_exception(std::move(thrown));
      }
    } catch (const lacuna::CapacityError& each) {
      PyErr_SetString(capacity.ptr(), each.what());
    } catch (const lacuna::ConfigurationError& each) {
      PyErr_SetString(configuration.ptr(), each.what());
    } catch (const lacuna::InputDataError& each) {
      PyErr_SetString(input_data.ptr(), each.what());
    } catch (const lacuna::Error& each) {
      PyErr_SetString(error.ptr(), each.what());
    }
  });
}

}  // namespace

PYBIND11_MODULE(_core, module) {
  add_errors(module);
  module.attr("version") = lacuna::program_version();
  module.attr("commit") = lacuna::program_commit();
  lacuna::python::add_declarations(module);
  lacuna::python::add_run(module);
  lacuna::python::add_layers(module);
  lacuna::python::add_sweep(module);
  lacuna::python::add_models(module);
}
