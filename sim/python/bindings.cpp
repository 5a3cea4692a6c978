#include "sim/python/bindings.h"

#include "sim/cli/data_folders.h"
#include "sim/python/yaml_from_python.h"

namespace lacuna::python {

namespace py = pybind11;

ConfigOverrides Changes::overrides(const DataFolders& folders) const {
  ConfigOverrides changes;
  changes.assignments = set;
  changes.engine = engine;
  changes.seed = seed;
  if (energy) {
    changes.energy = cli::energy_table_path(*energy, folders);
  }
  changes.assigned_in = "set";
  return changes;
}

YamlNode document_of(const py::handle& configuration, const Changes& changes, const DataFolders& folders) {
  if (py::isinstance<py::str>(configuration) || py::hasattr(configuration, "__fspath__")) {
    const auto path = py::module_::import("os").attr("fspath")(configuration).cast<std::string>();
    return load_configuration(path, changes.overrides(folders));
  }
  return changed_configuration(yaml_from_python(configuration, python_origin()), changes.overrides(folders));
}

bool Pulse::is_due() {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) {
    return false;
  }
  next_ = now + std::chrono::milliseconds(50);
  return true;
}

}  // namespace lacuna::python
