#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "models/common/error.h"
#include "sim/families.h"
#include "sim/python/bindings.h"
#include "sim/python/yaml_from_python.h"
#include "sim/schema/file_schema.h"

namespace lacuna::python {
namespace {

namespace py = pybind11;

/// The kinds of files of a family, or the common ones ("").
const std::vector<FileKind>& kinds_of(const std::string& family) {
  static const std::vector<std::pair<std::string, std::vector<FileKind>>> all = [] {
    std::vector<std::pair<std::string, std::vector<FileKind>>> kinds;
    kinds.emplace_back("", common_file_kinds());
    for (const Family* each : families()) {
      kinds.emplace_back(each->kind(), each->file_kinds());
    }
    return kinds;
  }();
  for (const auto& [name, kinds] : all) {
    if (name == family) {
      return kinds;
    }
  }
  throw ConfigurationError({}, fmt::format("'{}' is no family", family));
}

/// {family or "": {kind of file: its JSON Schema as text}}.
py::dict schemas() {
  const auto texts = [](const std::string& family) {
    py::dict kinds;
    for (const FileKind& kind : kinds_of(family)) {
      kinds[kind.name.c_str()] = kind.schema.dump();
    }
    return kinds;
  };
  py::dict all;
  all[""] = texts("");
  for (const Family* each : families()) {
    all[std::string(each->kind()).c_str()] = texts(std::string(each->kind()));
  }
  return all;
}

void check(const std::string& family, const std::string& kind, const std::vector<std::string>& keys,
           const std::string& path, const py::object& section) {
  for (const FileKind& each : kinds_of(family)) {
    if (each.name == kind) {
      each.check(yaml_from_python(section, python_origin()), keys, path);
      return;
    }
  }
  throw ConfigurationError({}, fmt::format("'{}' is no kind of file", kind));
}

}  // namespace

void add_declarations(py::module_& module) {
  module.def("schemas", &schemas);
  module.def("check", &check, py::arg("family"), py::arg("kind"), py::arg("keys"), py::arg("path"),
             py::arg("section"));
}

}  // namespace lacuna::python
