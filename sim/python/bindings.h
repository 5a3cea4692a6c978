#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <pybind11/pybind11.h>

#include "sim/family/configuration.h"
#include "sim/family/family.h"

namespace lacuna::python {

/// Each adds functions to the module; the package's Python files document them.
void add_declarations(pybind11::module_& module);
void add_run(pybind11::module_& module);
void add_layers(pybind11::module_& module);
void add_sweep(pybind11::module_& module);
void add_models(pybind11::module_& module);

/// What is given beside a configuration, as the program's options.
struct Changes {
  std::vector<std::string> set;
  std::optional<std::string> engine;
  std::optional<std::string> seed;
  std::optional<std::string> energy;  ///< a shipped table's name, or a path

  ConfigOverrides overrides(const DataFolders& folders) const;
};

/// A configuration with its changes: a path (str or os.PathLike), or anything that yaml_from_python takes.
/// Throws ConfigurationError.
YamlNode document_of(const pybind11::handle& configuration, const Changes& changes,
                     const DataFolders& folders);

/// Lets Python handle its signals (Ctrl-C) and calls back, now and then; to be called without the GIL. What
/// Python raises is thrown as pybind11::error_already_set.
class Pulse {
 public:
  /// Whether it is time; at most 20 times a second.
  bool is_due();

  /// Takes the GIL and runs `call`, which may be empty.
  template <class Call>
  void beat(Call&& call) {
    const pybind11::gil_scoped_acquire locked;
    if (PyErr_CheckSignals() != 0) {
      throw pybind11::error_already_set();
    }
    call();
  }

 private:
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace lacuna::python
